"""How far the figures of one design move if its netlist is made again with its cells reordered."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from macsmith.contract.errors import UserError
from macsmith.jobs.energy_job import area_x_period, unit_of
from macsmith.jobs.netlist_job import Job, Result
from macsmith.records.energies import energy
from macsmith.records.in_units import area, period
from macsmith.records.record import Record
from macsmith.records.selection import least, product
from macsmith.records.selection import unit_of as unit_record

FEWEST = 2
"""Netlists between which there is a spread."""

FIGURES: dict[str, Callable[[Record], float | None]] = {
    "area": area,
    "period": period,
    "product": product,
    "energy": energy,
}


def check_spread(netlists: int | None) -> None:
    """Refuse a spread of fewer netlists than there can be one of.

    Raises
    ------
    UserError
        If there are fewer.
    """
    if netlists is not None and netlists < FEWEST:
        raise UserError(f"spread must be of at least {FEWEST} netlists, not {netlists}")


def remade(jobs: Sequence[Job], results: Sequence[Result], netlists: int) -> list[Job]:
    """Return the further netlists of each unit and boundary: of least area x period, made again.

    Parameters
    ----------
    results:
        Area and timing of each job.
    netlists:
        How many there are of each, the one that is measured already included.
    """
    best = least(range(len(jobs)), lambda k: unit_of(jobs[k]), lambda k: area_x_period(results[k]))
    return [replace(jobs[k], seed=seed) for k in best for seed in range(1, netlists)]


def with_spread(records: Sequence[Record], others: Sequence[Record]) -> list[Record]:
    """Return records with the least and the greatest figure of their netlist and its others."""
    families: dict[Hashable, list[Record]] = {}
    for record in others:
        families.setdefault(_asked(record), []).append(record)
    return [
        {**record, "spread": _spread([record, *families[_asked(record)]])}
        if _asked(record) in families
        else record
        for record in records
    ]


def _asked(record: Record) -> Hashable:
    """Return what the records of a netlist and of those in other orders have in common."""
    netlist = record["boundary"], record["recipe"], record["adders"]
    return record["tech"], *unit_record(record), *netlist, record["point"], record["stimulus"]


def _spread(records: Sequence[Record]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"netlists": [len(records)]}
    for name, of in FIGURES.items():
        values = [value for value in map(of, records) if value is not None]
        if len(values) == len(records):
            found[name] = [min(values), max(values)]
    return found
