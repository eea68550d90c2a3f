"""Which pairs of units change places with the model of wires and a clock tree, as a table."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from macsmith.analysis.sensitivity import METRICS, Flip, flips, title_of
from macsmith.records.record import Record
from macsmith.report.terminal.units import LOOK, TIE


def sensitivity(records: Mapping[str, Sequence[Record]], tech: str) -> Table:
    """Return a row for each pair that changes places, its ratio under each of the conditions."""
    names = list(records)
    found = flips(records)
    pairs = f"{len(found)} pairs of units change places" if found else "no two units change places"
    asked = ", ".join(title_of(metric) for metric in METRICS)
    table = Table(
        title=f"{tech}: under {len(names)} conditions {pairs} by {asked}; the first unit's figure "
        f"over the second's",
        caption="\n".join([*(f"{k}: {name}" for k, name in enumerate(names, 1)), f"{TIE} a tie"]),
        caption_justify="left",
        **LOOK,
    )
    for heading in ("boundary", "mode", "metric", "units"):
        table.add_column(heading, no_wrap=True)
    for k in range(1, len(names) + 1):
        table.add_column(str(k), justify="right", no_wrap=True)
    for flip in found:
        table.add_row(
            flip.boundary, flip.point, title_of(flip.metric), " / ".join(flip.units),
            *(ratio_in(flip, name) for name in names),
        )  # fmt: skip
    return table


def ratio_in(flip: Flip, name: str) -> str:
    """Return the ratio of a pair under one of the conditions, marked where it is a tie."""
    if name not in flip.ratios:
        return ""
    return f"{flip.ratios[name]:.2f}" + TIE * (name in flip.ties)
