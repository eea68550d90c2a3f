"""Figures of a data sheet: of each point the netlist of least area x period that was measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from macsmith.records.energies import energy
from macsmith.records.in_units import area, is_physical, mode_period, period
from macsmith.records.record import Record
from macsmith.records.selection import of_first_stimulus, smallest_product


@dataclass(frozen=True)
class Figures:
    """What was measured of a unit on a library.

    Members
    -------
    library, made_with:
        Where, and by which versions.
    units:
        Of area, period and energy.
    rows:
        For each point its name and, as text, recipe and adders, area, period, period while the unit
        stays at the point, and energy of an operation.
    stimulus:
        The operands of energies; empty if there are none.
    """

    library: str
    made_with: str
    units: tuple[str, str, str]
    rows: Sequence[Sequence[str]]
    stimulus: str


def figures_of(records: Sequence[Record]) -> Figures | None:
    """Return the figures of a unit's records on one library; None if there are none."""
    best = smallest_product(of_first_stimulus(records))
    if not best:
        return None
    first = best[0]
    versions = ", ".join(f"{name} {value}" for name, value in first["versions"].items())
    units = ("um2", "ns", "pJ") if is_physical(first) else ("GE", "tau", "C0V2")
    (stimulus, *_) = [*filter(None, (one["stimulus"] for one in best)), ""]
    return Figures(str(first["tech"]), versions, units, [*map(_row, best)], stimulus)


def _row(record: Record) -> list[str]:
    figures = (area(record), period(record), mode_period(record), energy(record))
    named = [str(record["point"]), f"{record['recipe']}, adders as {record['adders']}"]
    return named + ["" if one is None else f"{one:.4g}" for one in figures]
