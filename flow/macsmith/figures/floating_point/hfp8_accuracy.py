"""Accuracies of networks trained with operands of 8 bits, as they were recorded."""

import json

from macsmith.figures.docs_page import Region, Shown
from macsmith.figures.markdown import table
from macsmith.networks.number_formats import TRAINING


def accuracy() -> Shown:
    """Return the accuracy of each arithmetic on each fold, their mean and deviation."""
    record = json.loads(TRAINING.read_text())
    found = record["accuracy"]
    rows = [
        [
            name,
            f"{one['mean']:.2%}",
            f"{one['std']:.2%}",
            *(f"{share:.2%}" for share in one["folds"]),
        ]
        for name, one in found.items()
    ]
    folds = len(next(iter(found.values()))["folds"])
    head = ["arithmetic", "mean", "deviation", *(f"fold {fold}" for fold in range(folds))]
    text = (
        f"Letters, {record['epochs']} epochs, batches of {record['batch']}, seed {record['seed']}."
    )
    return Shown(f"{table(head, rows)}\n\n{text}")


REGION = Region("training", accuracy)
"""Of docs/floating-point.md."""
