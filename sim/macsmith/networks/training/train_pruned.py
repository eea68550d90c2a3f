"""Prune the digits network, train it on, and write ``digits_pruned.npz`` and ``.json``.

    python -m macsmith.networks.training.train_pruned          (about two minutes on one core)

As in ``digits_train``, each of five folds is held out once. From the float network of the others,
each block of a layer keeps its weights of largest magnitude; then the network is tuned at 8x8 bits
with the other weights held at zero. All layers but the first are pruned. Epochs and rate are those
of ``digits_train``; nothing was tried out. The networks that held out fold 0 are committed.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from macsmith.formats.pruning import keep_largest
from macsmith.networks import pruned_digits
from macsmith.networks.training.cross_validation import FOLDS, Arrays, provenance, summary
from macsmith.networks.training.qat import TrainedNetwork
from macsmith.networks.training.train_digits import FLOAT_EPOCHS, SEED, TUNE_EPOCHS, Fold

PRUNED = {name: bound for name, bound in pruned_digits.BOUNDS.items() if bound is not None}


def tune(fold: Fold, nonzeros: int, block: int) -> Arrays:
    """Prune a copy of a fold's float network, tune it and return it in integers."""

    def prune(network: TrainedNetwork) -> None:
        for layer in network.layers[1:]:
            layer.prune(keep_largest(layer.parameters["weights"], block, nonzeros) != 0)

    return fold.tune(pruned_digits.PRECISION, prune)


def cross_validate() -> tuple[Arrays, dict[str, list[float]]]:
    """Return the networks that held out fold 0, and the accuracies of each bound, fold by fold."""
    accuracies: dict[str, list[float]] = {name: [] for name in PRUNED}
    committed: Arrays = {}
    for number in range(FOLDS):
        fold = Fold(number, FLOAT_EPOCHS, TUNE_EPOCHS)
        for name, bound in PRUNED.items():
            arrays = tune(fold, *bound)
            accuracies[name].append(fold.accuracy(arrays, pruned_digits.PRECISION))
            if number == 0:
                committed |= {
                    key.replace(pruned_digits.PRECISION, name, 1): array
                    for key, array in arrays.items()
                }
        print(f"fold {number}:", {key: round(values[-1], 4) for key, values in accuracies.items()})
    return committed, accuracies


def record(archive: Path, accuracies: dict[str, list[float]]) -> dict[str, Any]:
    """Return what is written to the JSON file: how the archive was made and how good it is."""
    return {
        "data": "as digits.json",
        "split": "as digits.json",
        "pruning": "largest magnitudes of each block along K, all layers but conv1, once; then "
        "tuned at 8x8 under the mask",
        "seed": SEED,
        "epochs": {"float": FLOAT_EPOCHS, "tuned": TUNE_EPOCHS},
        "accuracy": summary(accuracies),
        **provenance(archive),
    }


def main() -> None:
    """Train everything and write both files into a folder, by default beside this one."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=pruned_digits.ARCHIVE.parent)
    folder = parser.parse_args().folder
    with threadpool_limits(1):
        arrays, accuracies = cross_validate()
    archive = folder / pruned_digits.ARCHIVE.name
    np.savez_compressed(archive, **arrays)  # type: ignore[arg-type]
    text = json.dumps(record(archive, accuracies), indent=2)
    archive.with_suffix(".json").write_text(text + "\n")


if __name__ == "__main__":
    main()
