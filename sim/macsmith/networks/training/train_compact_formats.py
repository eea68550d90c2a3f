"""Accuracies of digits and letters in each compact format after training: ``compact_formats.json``.

    python -m macsmith.networks.training.train_compact_formats    (some minutes on one core)

Networks and folds are those of `train_number_formats`; each is measured on the fold that it has not
seen, both operands quantised layer by layer, nothing tuned.
"""

import json
from collections import defaultdict
from typing import Any

from threadpoolctl import threadpool_limits

from macsmith.networks.compact_formats import FIGURES, compact_formats
from macsmith.networks.training.cross_validation import FOLDS, summary
from macsmith.networks.training.train_ebsp import FLOAT_EPOCHS
from macsmith.networks.training.train_number_formats import SEED, TASKS, FoldedNetwork


def accuracies(name: str, number: int, epochs: int = FLOAT_EPOCHS) -> dict[str, float]:
    """Return the accuracy of a fold's network in float and in each format."""
    network = FoldedNetwork(name, number, epochs)
    return {
        "float": network.accuracy(None),
        **{one.label: network.accuracy(one) for one in compact_formats()},
    }


def main() -> None:
    """Write the record."""
    record: dict[str, Any] = {"seed": SEED, "epochs": FLOAT_EPOCHS, "accuracy": {}}
    for name in TASKS:
        folds: dict[str, list[float]] = defaultdict(list)
        for number in range(FOLDS):
            for label, share in accuracies(name, number).items():
                folds[label].append(share)
            print(name, number, flush=True)
        record["accuracy"][name] = summary(folds)
        FIGURES.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
