"""Accuracies of networks with numbers in these formats, as they were recorded."""

from macsmith.figures.docs_page import Region, Shown
from macsmith.figures.markdown import table
from macsmith.networks.compact_formats import compact_formats, recorded


def accuracies() -> Shown:
    """Return the mean of five folds of each network in each format, and its deviation."""
    found = recorded()["accuracy"]
    rows = []
    for label in ("float", *(one.label for one in compact_formats())):
        of_tasks = (shares[label] for shares in found.values())
        rows.append([label, *(f"{100 * one[what]:.1f}" for one in of_tasks
                              for what in ("mean", "std"))])  # fmt: skip
    heads = [head for task in found for head in (f"{task}, %", "deviation")]
    return Shown(table(["format", *heads], rows))


REGIONS = (Region("accuracies", accuracies),)
"""What docs/number-formats.md shows."""
