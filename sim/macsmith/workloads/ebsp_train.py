"""Train digits and letters with EBSP weights next to INT8; write ``ebsp.npz`` and ``ebsp.json``.

    python -m macsmith.workloads.ebsp_train          (about 40 minutes on two cores)

A run is a task, a seed and a fold. The seed sets first weights and the order of examples; folds
are the same for all seeds. The fold is held out, a float network is trained on the others, and from
it one network for each setting is tuned: INT8, EBSP of N 4 to 8 and L 1 to 4, and variants. All
have 8-bit activations, and the same epochs and rate:

    mask       the window of each weight: L bits from the leading one of its rounded magnitude
    forward    weights with the bits outside their windows rounded away
    backward   gradients pass to the unrounded weights as if there were no rounding; with ADMM,
               also those of the penalty, in the first half of the epochs

The letters' batch and rate and the penalty's weight were tried at seed 1 on folds 1 to 3.
"""

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from macsmith.ebsp.admm import Admm
from macsmith.ebsp.quantise import Windowed
from macsmith.workloads import digits_train, ebsp, letters
from macsmith.workloads.ebsp import Setting
from macsmith.workloads.qat import TrainedNetwork
from macsmith.workloads.training import FOLDS, Arrays, Fold, Task, deal_folds, provenance

SEEDS = (1, 2, 3, 4, 5)
FLOAT_EPOCHS = 40
TUNE_EPOCHS = 20
RHO = 1e-4
SETTINGS = (ebsp.INT8, *ebsp.GRID, *ebsp.VARIANTS)


@cache
def task(name: str) -> Task:
    """Return a task by name."""
    if name == "digits":
        # All images, as for the digits' own networks, take a third of the time here.
        return replace(digits_train.task(), calibration=256)
    images, labels = letters.read_data()
    return Task(
        shapes=letters.SHAPES,
        images=images,
        labels=labels,
        folds=deal_folds(labels, digits_train.SEED),
        pixel_max=letters.PIXEL_MAX,
        batch=256,
        rate=2e-2,
    )


def tune(fold: Fold, setting: Setting) -> Arrays:
    """Tune a copy of a fold's float network to a setting and return it in integers."""
    if setting.pattern is None:
        return fold.tune(setting.precision)

    def penalise(network: TrainedNetwork) -> Admm | None:
        return Admm(network, RHO, fold.tune_epochs // 2) if setting.admm else None

    rounding = Windowed(setting.bits, setting.pattern, setting.reading)
    return fold.tune(setting.precision, rounding=rounding, penalise=penalise)


def run(name: str, seed: int, number: int) -> tuple[dict[str, float], Arrays]:
    """Return the accuracy of every setting, and the networks to commit, of one run."""
    accuracies: dict[str, float] = {}
    committed: Arrays = {}
    with threadpool_limits(1):
        fold = Fold(task(name), number, FLOAT_EPOCHS, TUNE_EPOCHS, seed)
        accuracies["float"] = fold.float_accuracy()
        for setting in SETTINGS:
            arrays = tune(fold, setting)
            accuracies[setting.name] = fold.accuracy(arrays, setting.precision)
            if (seed, number) == (SEEDS[0], 0) and setting in ebsp.COMMITTED:
                committed |= {
                    key.replace(setting.precision, f"{name}/{setting.name}", 1): array
                    for key, array in arrays.items()
                }
    return accuracies, committed


def runs() -> Iterator[tuple[str, int, int]]:
    """Task, seed and fold of every run."""
    return ((name, seed, fold) for seed in SEEDS for fold in range(FOLDS) for name in ebsp.TASKS)


def cross_validate(workers: int) -> tuple[Arrays, dict[str, dict[str, list[float]]]]:
    """Return the networks to commit, and accuracies by task and setting, run by run."""
    accuracies: dict[str, dict[str, list[float]]] = {name: {} for name in ebsp.TASKS}
    held_out = task("letters").folds == 0
    committed: Arrays = {"letters/held_out": np.packbits(held_out)}
    with ProcessPoolExecutor(workers) as pool:
        for one, (figures, arrays) in zip(
            runs(), pool.map(run, *zip(*runs(), strict=True)), strict=True
        ):
            committed |= arrays
            for key, value in figures.items():
                accuracies[one[0]].setdefault(key, []).append(value)
            print(*one, {key: round(value, 4) for key, value in figures.items()}, flush=True)
    return committed, accuracies


def record(archive: Path, accuracies: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    """Return what is written to the JSON file: how the archive was made and how good it is."""
    return {
        "data": {"digits": "as digits.json", "letters": "letters.npz, 20000 examples"},
        "split": "5 folds stratified by class, the same for all seeds; trained on 4, accuracy on "
        "the fifth; ebsp.npz is seed 1 with fold 0 held out",
        "seeds": SEEDS,
        "epochs": {"float": FLOAT_EPOCHS, "tuned": TUNE_EPOCHS},
        "rho": RHO,
        "runs": "seed by seed, fold by fold",
        "accuracy": {
            name: {
                key: {
                    "mean": float(np.mean(values)),
                    "std": float(np.std(values, ddof=1)),
                    "runs": values,
                }
                for key, values in of_task.items()
            }
            for name, of_task in accuracies.items()
        },
        **provenance(archive),
    }


def main() -> None:
    """Train everything and write both files into a folder, by default beside this one."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=ebsp.ARCHIVE.parent)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    arrays, accuracies = cross_validate(arguments.workers)
    archive = arguments.folder / ebsp.ARCHIVE.name
    np.savez_compressed(archive, **arrays)  # type: ignore[arg-type]
    text = json.dumps(record(archive, accuracies), indent=2)
    archive.with_suffix(".json").write_text(text + "\n")


if __name__ == "__main__":
    main()
