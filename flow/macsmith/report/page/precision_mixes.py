"""The report's use cases: the published mixes of precisions on the units of its records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from macsmith.analysis.metrics import figures, merit
from macsmith.analysis.precision_mix import PUBLISHED_MIXES, mix_records
from macsmith.analysis.published.camus_2019_mixes import verdicts
from macsmith.analysis.published.verdicts import REFERENCE, Verdict, at_both
from macsmith.analysis.ties import NOISE
from macsmith.records.in_units import is_physical, operation_of
from macsmith.records.metric import Metric
from macsmith.records.record import MixRecord, Record
from macsmith.records.registry import metric
from macsmith.records.selection import of_first_stimulus, values
from macsmith.report.page import charts
from macsmith.report.page.plots import WIDTH, by_tech, write_chart
from macsmith.report.page.section import Section


@dataclass(frozen=True)
class Winner:
    """The best unit at a mix by a metric, its figure and ratio to data gating, and the next."""

    metric: Metric
    unit: str
    figure: float
    ratio: float | None
    as_good: tuple[str, ...]


@dataclass(frozen=True)
class Library:
    """What the page says of the units on one library.

    Members
    -------
    winners
        The best unit by each metric, by mix.
    verdicts
        What became of the published statements: at the boundary of the source, and at the unit's.
    """

    tech: str
    winners: dict[str, list[Winner]]
    verdicts: list[tuple[Verdict, Verdict]]


def usecase_section(records: Sequence[Record]) -> Section | None:
    """Return the section on the published mixes, or None where no unit holds them."""
    libraries = {mine[0]["tech"]: mine for _, mine in by_tech(of_first_stimulus(records))}
    found = [
        record for mine in libraries.values() for record in mix_records(mine, PUBLISHED_MIXES)
    ]  # fmt: skip
    if not found:
        return None
    shown = _metrics(found)
    data = {
        "records": found,
        "figures": [_figures(record) for record in found],
        "metrics": [metric.to_json() for metric in shown],
        "bars": {metric.key: charts.bars(metric, shown, charts.VARIABLES) for metric in shown},
    }
    said = [
        Library(tech, winners(mine), at_both(verdicts, mine)) for tech, mine in libraries.items()
    ]
    places = " and ".join(f"the {place} boundary" for place in values(found, "boundary"))
    told = {"mixes": values(found, "mode"), "metrics": shown, "boundaries": places}
    return Section("usecases", data, {**told, "libraries": said})


def write_usecase_plots(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write the chart of the first metric, energy if there is one, for each mix."""
    written = []
    for prefix, mine in by_tech(of_first_stimulus(records)):
        found = mix_records(mine, PUBLISHED_MIXES)
        shown = _metrics(found)
        for first in shown[:1]:
            chart = charts.bars(first, shown, charts.COLOURS)
            for mix in values(found, "mode"):
                rows = [{**record, **_figures(record)} for record in found if record["mode"] == mix]
                name = f"{prefix}mix-{first.key}-{mix.replace(':', '-')}"
                written += write_chart(charts.drawn(chart, rows, WIDTH), folder, name)
    return written


def winners(records: Sequence[Record]) -> dict[str, list[Winner]]:
    """Return the best unit by each metric, by mix."""
    found = mix_records(records, PUBLISHED_MIXES)
    shown = _metrics(found)
    mixes = values(found, "mode")
    return {
        mix: [_winner(metric, [r for r in found if r["mode"] == mix]) for metric in shown]
        for mix in mixes
    }


def _metrics(found: Sequence[MixRecord]) -> tuple[Metric, ...]:
    """Return the metrics that mixes have figures for, in the units of their technology."""
    if not found:
        return ()
    physical, operation = is_physical(found[0]), operation_of(found)
    time = metric("ns_per_mac" if physical else "tau_per_mac")
    every = (
        merit("energy", physical, operation),
        replace(time, key="time", unit=time.unit.partition("/")[0]),
        merit("density", physical, operation),
    )
    return tuple(m for m in every if any(_figures(r)[m.key] is not None for r in found))


def _figures(record: MixRecord) -> dict[str, float | None]:
    """Return a mix's figures; its time is at the clock of each mode."""
    own = record["tau_per_mac"] if record["ns_per_mac"] is None else record["ns_per_mac"]
    return figures(record) | {"time": own}


def _winner(metric: Metric, records: Sequence[MixRecord]) -> Winner:
    known = {r["unit"]: float(v) for r in records if (v := _figures(r)[metric.key]) is not None}
    best = metric.best(known)
    close = [unit for unit, v in known.items() if abs(v - known[best]) < NOISE * known[best]]
    ratio = known[best] / known[REFERENCE] if REFERENCE in known else None
    return Winner(metric, best, known[best], ratio, tuple(u for u in close if u != best))
