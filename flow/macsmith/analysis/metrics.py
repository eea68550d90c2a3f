"""The figures of merit that a report compares units by, all from records."""

from collections.abc import Sequence
from dataclasses import replace

from macsmith.records.energies import energy
from macsmith.records.in_units import area, density, is_physical, operation_of, period, rate
from macsmith.records.metric import Metric
from macsmith.records.record import Record
from macsmith.records.registry import metric

_RATE = Metric(
    key="rate", name="throughput", unit="G{operation}/s", more=True, origin="computed",
    meaning="`operations_per_cycle / period`",
)  # fmt: skip
_RATE_TAU = replace(_RATE, unit="{operation}/ktau")
_DENSITY_TAU = replace(_RATE, key="density", name="throughput per area",
                       unit="{operation}/ktau/kGE")  # fmt: skip

_MERITS = {
    "area": ("area_um2", "area_ge"),
    "period": ("period_ns", "period_tau"),
    "rate": (_RATE, _RATE_TAU),
    "density": ("gops_per_s_per_mm2", _DENSITY_TAU),
    "energy": ("energy_pj_per_operation", "energy_c0v2_per_operation"),
}
"""Each figure of merit as the key of a record, or as what is computed from several, on libraries
with um2 and ns and on the generic one."""

TRADES = (("energy", "density"), ("area", "rate"))
"""What a designer trades, less of the first against more of the second."""


def known(records: Sequence[Record]) -> tuple[Metric, ...]:
    """Return the metrics that some record has a figure for, in the units of its technology."""
    shown = metrics(all(map(is_physical, records)), operation_of(records))
    found = [figures(record) for record in records]
    return tuple(m for m in shown if any(one[m.key] is not None for one in found))


def trades(shown: Sequence[Metric]) -> list[tuple[Metric, Metric]]:
    """Return the pairs that a designer trades, less of the first against more of the second."""
    by_key = {metric.key: metric for metric in shown}
    return [(by_key[up], by_key[across]) for up, across in TRADES if up in by_key]


def metrics(physical: bool, operation: str = "MAC") -> tuple[Metric, ...]:
    """Return the metrics in the units of the technology and of what is counted."""
    return tuple(merit(key, physical, operation) for key in _MERITS)


def merit(key: str, physical: bool, operation: str = "MAC") -> Metric:
    """Return one of the metrics: ``area``, ``period``, ``rate``, ``density`` or ``energy``."""
    one = _MERITS[key][0 if physical else 1]
    found = metric(one, operation) if isinstance(one, str) else one.of(operation)
    return replace(found, key=key)


def figures(record: Record) -> dict[str, float | None]:
    """Return a record's figure for each metric; None where it was not measured."""
    return {
        "area": area(record),
        "period": period(record),
        "rate": rate(record),
        "density": density(record),
        "energy": energy(record),
    }
