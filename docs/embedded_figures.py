"""How far the embedded library agrees with a real one; `figures.py embedded TECH` fills it in."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from filling import markdown

from macsmith.analysis.metrics import figures
from macsmith.analysis.published.verdicts import REFERENCE

SHOWN = (("area", "8x8"), ("period", "8x8"), ("energy", "8x8"), ("energy", "2x2"))
"""Metrics of the first table, and their modes; areas and periods are the same in all."""

Ratios = dict[tuple[str, str, str], float]
"""A unit's figure over that of the reference unit, by metric, mode and unit."""


def agreement(
    embedded: Sequence[Mapping[str, Any]], real: Sequence[Mapping[str, Any]]
) -> tuple[str, str]:
    """Return ratios to the reference unit on two libraries, and a table of how far they agree.

    Parameters
    ----------
    embedded, real
        The records of each unit's best core on each library.
    """
    ours, theirs = ratios(embedded), ratios(real)
    units = list(dict.fromkeys(unit for _, _, unit in ours))
    head = ["unit"]
    for metric, mode in SHOWN:
        name = f"energy {mode}" if metric == "energy" else metric
        head += [name, f"{name}, {real[0]['tech']}"]
    rows = [
        [f"`{unit}`", *(f"{one[(*key, unit)]:.2f}" for key in SHOWN for one in (ours, theirs))]
        for unit in units
    ]
    modes = list(dict.fromkeys(mode for _, mode, _ in ours))
    kinds = [("area", modes[:1]), ("period", modes[:1])]
    kinds += [("energy", [mode]) for mode in modes] + [("energy", modes)]
    lines = []
    for metric, chosen in kinds:
        keys = [(metric, mode, unit) for mode in chosen for unit in units]
        apart = {key: ours[key] / theirs[key] for key in keys}
        worst = max(apart, key=lambda key: abs(np.log(apart[key])))
        ranked = rank_correlation(*([one[key] for key in keys] for one in (ours, theirs)))
        name = metric if metric != "energy" else f"energy, {', '.join(chosen)}"
        place = f"`{worst[2]}`" + f", {worst[1]}" * (len(chosen) > 1)
        lines.append([name, f"{ranked:.2f}", f"{apart[worst]:.2f}", place])
    return markdown(head, rows), markdown(["", "rank correlation", "worst", "of"], lines)


def ratios(records: Sequence[Mapping[str, Any]]) -> Ratios:
    """Return each unit's figures over those of the reference unit in the same mode."""
    found = {
        (metric, record["mode"], record["unit"]): float(value)
        for record in records
        for metric, value in figures(record).items()
        if value is not None
    }
    return {
        (metric, mode, unit): value / found[metric, mode, REFERENCE]
        for (metric, mode, unit), value in found.items()
    }


def rank_correlation(some: Sequence[float], others: Sequence[float]) -> float:
    """Return Spearman's coefficient: the correlation of the places that values have in order."""
    ranks = [np.argsort(np.argsort(values)) for values in (some, others)]
    return float(np.corrcoef(*ranks)[0, 1])
