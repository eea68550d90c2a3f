"""Accuracies of networks in each number format, as they were recorded."""

from macsmith.figures.docs_page import Region, Shown
from macsmith.figures.markdown import table
from macsmith.networks.number_formats import Quantiser, quantisers, recorded


def accuracy() -> Shown:
    """Return the mean of five folds of each network in each format, and its deviation."""
    found = recorded()["accuracy"]
    each: list[Quantiser | None] = [None, *quantisers()]
    rows = []
    for one in each:
        label = "float" if one is None else one.label
        cells = [
            f"{found[task][label][what]:.2%}" for task in found for what in ("mean", "std")
        ]  # fmt: skip
        name = "float32" if one is None else f"`{one.name}`"
        rows.append([name, one.rule if one else "", *cells])
    heads = [head for task in found for head in (task, "deviation")]
    return Shown(table(["format", "scale rule", *heads], rows, 2))


REGION = Region("accuracy by format", accuracy)
"""Of docs/floating-point.md."""
