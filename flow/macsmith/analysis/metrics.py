"""The figures of merit that a report compares units by, all from records."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from macsmith.jobs.energy_unit import energy_of, energy_unit
from macsmith.jobs.measure import Record


@dataclass(frozen=True)
class Metric:
    """One figure of merit: what it is called, its unit, and whether more of it is better."""

    key: str
    name: str
    unit: str
    more: bool = False

    @property
    def title(self) -> str:
        """Name and unit, for an axis or the head of a column."""
        return f"{self.name}, {self.unit}"

    @property
    def aim(self) -> str:
        """What a designer looks for, such as ``least area``."""
        return f"{'most' if self.more else 'least'} {self.name}"

    def to_json(self) -> dict[str, object]:
        """Return everything that the page needs of a metric."""
        return asdict(self) | {"title": self.title, "aim": self.aim}


def known(records: Sequence[Record]) -> tuple[Metric, ...]:
    """Return the metrics that some record has a figure for, in the units of its technology."""
    physical = all(record["area_um2"] is not None for record in records)
    found = [figures(record) for record in records]
    return tuple(m for m in metrics(physical) if any(one[m.key] is not None for one in found))


def trades(shown: Sequence[Metric]) -> list[tuple[Metric, Metric]]:
    """Return the pairs that a designer trades, less of the first against more of the second."""
    by_key = {metric.key: metric for metric in shown}
    pairs = (("energy", "density"), ("area", "rate"))
    return [(by_key[up], by_key[across]) for up, across in pairs if up in by_key]


def metrics(physical: bool) -> tuple[Metric, ...]:
    """Return the metrics in the units of the technology."""
    return (
        Metric("area", "area", "um2" if physical else "GE"),
        Metric("period", "clock period", "ns" if physical else "tau"),
        Metric("rate", "throughput", "GMAC/s" if physical else "MAC/ktau", more=True),
        Metric(
            "density", "throughput per area", "GMAC/s/mm2" if physical else "MAC/ktau/kGE", True
        ),
        Metric("energy", "energy per MAC", energy_unit(physical).name),
    )


def figures(record: Record) -> dict[str, float | None]:
    """Return a record's figure for each metric; None where it was not measured."""
    macs = record["macs_per_cycle"]
    if record["area_um2"] is None:
        area, period = record["area_ge"], record["period_tau"]
        rate = 1e3 * macs / period
        density = 1e3 * rate / area
    else:
        area, period = record["area_um2"], record["period_ns"]
        rate, density = macs / period, record["gmacs_per_s_per_mm2"]
    return {
        "area": area,
        "period": period,
        "rate": rate,
        "density": density,
        "energy": energy_of(record),
    }
