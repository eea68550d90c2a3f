"""Figures of a record in the units of its technology: um2, ns and pJ, or GE, tau and C0V2."""

from collections.abc import Iterable

from macsmith.records.metric import OPERATION
from macsmith.records.record import Record


def is_physical(record: Record) -> bool:
    """Return whether a record is of a library with um2 and ns, not of the generic one."""
    return record["area_um2"] is not None


def area(record: Record) -> float:
    """Return the area, in um2 or GE."""
    return record["area_ge"] if record["area_um2"] is None else record["area_um2"]


def period(record: Record) -> float:
    """Return the clock period, in ns or tau.

    Raises
    ------
    ValueError
        If there is neither.
    """
    found = record["period_tau"] if record["period_ns"] is None else record["period_ns"]
    if found is None:
        raise ValueError(f"the record of {record['unit']} must have a clock period, but has none")
    return found


def mode_period(record: Record) -> float | None:
    """Return the period while the unit stays in its mode, in ns or tau, if it is known."""
    return record["mode_period_tau"] if record["period_ns"] is None else record["mode_period_ns"]


def rate(record: Record) -> float:
    """Return operations per time: 10^9 a second, or one in 1,000 tau."""
    scale = 1.0 if record["period_ns"] is not None else 1e3
    return scale * record["operations_per_cycle"] / period(record)


def density(record: Record) -> float | None:
    """Return throughput per area: 10^9 operations a second and mm2, or one in ktau and kGE."""
    if is_physical(record):
        return record["gops_per_s_per_mm2"]
    return 1e3 * rate(record) / record["area_ge"]


def operation_of(records: Iterable[Record]) -> str:
    """Return what records count, or ``operation`` if they count different things."""
    found = list(dict.fromkeys(record["operation"] for record in records))
    return found[0] if len(found) == 1 else OPERATION
