"""Train digits and letters with EBSP weights next to INT8; write ``ebsp.npz`` and ``ebsp.json``.

    python -m macsmith.networks.training.train_ebsp          (about 15 minutes on two cores)

A run is a task, a seed and a fold. The seed sets first weights and the order of examples; folds
are the same for all seeds. The fold is held out, a float network is trained on the others, and from
it one network for each setting is tuned: INT8 and EBSP of 5 and 6 bits with L = 3 at all seeds; the
others of N 4 to 8 and L 1 to 4, and variants, at the first. What is done is kept in a folder, so
that an interrupted training goes on where it was. All have 8-bit activations, and the same epochs
and rate:

    mask       the window of each weight: L bits from the leading one of its rounded magnitude
    forward    weights with the bits outside their windows rounded away
    backward   gradients pass to the unrounded weights as if there were no rounding; with ADMM,
               also those of the penalty, in the first half of the epochs

The letters' batch and rate and the penalty's weight were tried at seed 1 on folds 1 to 3, the size
of their network on another deal.
"""

import argparse
import json
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from macsmith.networks import ebsp_networks, letters
from macsmith.networks.ebsp_networks import Setting, TrainingRun
from macsmith.networks.training import train_digits
from macsmith.networks.training.cross_validation import (
    FOLDS,
    Arrays,
    Fold,
    Task,
    deal_folds,
    provenance,
    summary,
)
from macsmith.networks.training.ebsp_admm import Admm
from macsmith.networks.training.ebsp_quantiser import Windowed
from macsmith.networks.training.qat import TrainedNetwork

FLOAT_EPOCHS = 40
TUNE_EPOCHS = 20
RHO = 1e-4


@cache
def task(name: str) -> Task:
    """Return a task by name."""
    if name == "digits":
        # All images, as for the digits' own networks, take a third of the time here.
        return replace(train_digits.task(), calibration=256)
    images, labels = letters.read_data()
    return Task(
        shapes=letters.SHAPES,
        images=images,
        labels=labels,
        folds=deal_folds(labels, train_digits.SEED),
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


def train(run: TrainingRun, settings: Iterable[Setting], folder: Path) -> None:
    """Train those settings of a run that ``folder`` does not hold yet, and keep them there."""
    kept = folder / f"{run.name}.json"
    accuracies: dict[str, float] = json.loads(kept.read_text()) if kept.exists() else {}
    missing = [setting for setting in settings if setting.name not in accuracies]
    if not missing:
        return
    with threadpool_limits(1):
        fold = Fold(task(run.task), run.fold, FLOAT_EPOCHS, TUNE_EPOCHS, run.seed)
        accuracies["float"] = fold.float_accuracy()
        for setting in missing:
            arrays = tune(fold, setting)
            accuracies[setting.name] = fold.accuracy(arrays, setting.precision)
            if run.committed and setting in ebsp_networks.COMMITTED:
                name = f"{run.task}/{setting.name}"
                named = {
                    key.replace(setting.precision, name, 1): array for key, array in arrays.items()
                }
                np.savez(folder / f"{run.task}-{setting.name}.npz", **named)  # type: ignore[arg-type]
    # In one go, as an interrupted training goes on from what it finds.
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(accuracies))
    part.replace(kept)
    print(run.name, {key: round(value, 4) for key, value in accuracies.items()}, flush=True)


def cross_validate(folder: Path, workers: int) -> None:
    """Train all runs, the settings of all seeds first."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers) as pool:
        for settings, seeds in (
            (ebsp_networks.COMMITTED, ebsp_networks.SEEDS),
            (ebsp_networks.OTHERS, ebsp_networks.FEW_SEEDS),
        ):
            runs = ebsp_networks.runs(seeds, range(FOLDS))
            list(pool.map(partial(train, settings=settings, folder=folder), runs))


def collect(folder: Path) -> tuple[Arrays, dict[str, dict[str, list[float]]]]:
    """Return the networks to commit, and accuracies by task and setting, run by run."""
    committed: Arrays = {"letters/held_out": np.packbits(task("letters").folds == 0)}
    accuracies: dict[str, dict[str, list[float]]] = {name: {} for name in ebsp_networks.TASKS}
    for run in ebsp_networks.runs(ebsp_networks.SEEDS, range(FOLDS)):
        figures = json.loads((folder / f"{run.name}.json").read_text())
        names = ["float", *(one.name for one in ebsp_networks.COMMITTED)]
        names += [one.name for one in ebsp_networks.OTHERS if run.seed in ebsp_networks.FEW_SEEDS]
        for name in names:
            accuracies[run.task].setdefault(name, []).append(figures[name])
    for name in ebsp_networks.TASKS:
        for setting in ebsp_networks.COMMITTED:
            with np.load(folder / f"{name}-{setting.name}.npz") as arrays:
                committed |= dict(arrays)
    return committed, accuracies


def record(archive: Path, accuracies: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    """Return what is written to the JSON file: how the archive was made and how good it is."""
    return {
        "data": {"digits": "as digits.json", "letters": "letters.npz, 20000 examples"},
        "split": "5 folds stratified by class, the same for all seeds; trained on 4, accuracy on "
        "the fifth; ebsp.npz is seed 1 with fold 0 held out",
        "seeds": ebsp_networks.SEEDS,
        "few_seeds": ebsp_networks.FEW_SEEDS,
        "epochs": {"float": FLOAT_EPOCHS, "tuned": TUNE_EPOCHS},
        "rho": RHO,
        "runs": "seed by seed, fold by fold",
        "accuracy": {name: summary(of_task, "runs") for name, of_task in accuracies.items()},
        **provenance(archive),
    }


def main() -> None:
    """Train everything and write both files into a folder, by default beside this one."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=ebsp_networks.ARCHIVE.parent)
    parser.add_argument("--kept", type=Path, default=Path("build/ebsp"), help="finished runs")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    cross_validate(arguments.kept, arguments.workers)
    arrays, accuracies = collect(arguments.kept)
    archive = arguments.folder / ebsp_networks.ARCHIVE.name
    np.savez_compressed(archive, **arrays)  # type: ignore[arg-type]
    text = json.dumps(record(archive, accuracies), indent=2)
    archive.with_suffix(".json").write_text(text + "\n")


if __name__ == "__main__":
    main()
