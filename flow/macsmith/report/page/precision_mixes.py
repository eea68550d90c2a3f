"""The report's use cases: the published mixes of precisions on the cores of its records.

Statements are those of V. Camus et al., IEEE JETCAS 9(4), 2019, whose page numbers are given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from macsmith.analysis.metrics import figures, merit
from macsmith.analysis.precision_mix import PUBLISHED_MIXES, mix_records
from macsmith.analysis.published.camus_2019 import Ordering
from macsmith.analysis.published.verdicts import (
    FAILS,
    HOLDS,
    NOISE,
    REFERENCE,
    UNKNOWN,
    Verdict,
    is_published,
    judge,
)
from macsmith.catalog.catalog import compared
from macsmith.records.figures import is_physical, operation_of
from macsmith.records.metric import Metric
from macsmith.records.record import MixRecord, Record
from macsmith.records.registry import metric
from macsmith.records.selection import of_first_stimulus, values
from macsmith.report.page import charts
from macsmith.report.page.plots import WIDTH, by_tech, write_chart
from macsmith.report.page.section import Section

NEAR = 0.1
"""A unit is near-optimal whose energy exceeds the least by this share at most; our choice."""

WIDE_SERIAL = "serial-1d, digit 4"
SERIAL = ("serial-1d", "serial-2d")

_EVERY = tuple(compared())
_ordering = partial(Ordering, metric="energy")


def _others(*units: str) -> tuple[str, ...]:
    return tuple(unit for unit in _EVERY if unit not in units)


ORDERINGS = (
    _ordering(
        claim="With 5 % at full precision and the rest symmetric, summing subwords needs the "
        "least energy.",
        mode="symmetric:5", reference_mode="symmetric:5",
        groups=(("subword-st",), _others("subword-st")), published="subword-st 0.68", page="709",
    ),
    _ordering(
        claim="With 5 % at full precision and the rest of narrow weights, dividing the weight "
        "and summing needs the least energy.",
        mode="weight-only:5", reference_mode="weight-only:5",
        groups=(("dnc-1d-st",), _others("dnc-1d-st")), published="dnc-1d-st 0.85", page="709",
    ),
    *(
        _ordering(
            claim="With 5 % at full precision, a serial unit with digits of 4 bits needs less "
            "than other serial ones.",
            mode=mode, reference_mode=mode, groups=((WIDE_SERIAL,), SERIAL),
            published="alone competitive", page="709",
        )
        for mode in ("symmetric:5", "weight-only:5")
    ),
)  # fmt: skip
"""Orderings by energy at a mix."""

NEAR_OPTIMAL = tuple(
    _ordering(
        claim=f"With 33 % at full precision, data gating is near-optimal: at most {NEAR:.0%} "
        "above the least.",
        mode=mode,
        reference_mode=mode,
        groups=((REFERENCE,), _others(REFERENCE)),
        published="near-optimal",
        page="707",
    )
    for mode in ("symmetric:33", "weight-only:33")
)


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
        What became of the published statements.
    """

    tech: str
    winners: dict[str, list[Winner]]
    verdicts: list[Verdict]


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
    said = [Library(tech, winners(mine), verdicts(mine)) for tech, mine in libraries.items()]
    mixes = values(found, "mode")
    return Section("usecases", data, {"mixes": mixes, "metrics": shown, "libraries": said})


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


def verdicts(records: Sequence[Record]) -> list[Verdict]:
    """Judge every published statement about mixes by the core of each unit."""
    found = mix_records([*filter(is_published, records), *_wide_serial(records)], PUBLISHED_MIXES)
    return [
        *(judge(ordering, found) for ordering in ORDERINGS),
        *(_near(ordering, found) for ordering in NEAR_OPTIMAL),
    ]


def _wide_serial(records: Sequence[Record]) -> list[Record]:
    """Return the records of the serial unit with wide digits under a name of their own."""
    wide = [r for r in records if r["unit"] == "serial-1d" and r["parameters"].get("digit") == 4]
    default = [r | {"parameters": r["parameters"] | {"digit": 1}} for r in wide]
    return [
        record | {"unit": WIDE_SERIAL}
        for record, other in zip(wide, default, strict=True)
        if is_published(other)
    ]


def _near(ordering: Ordering, records: Sequence[MixRecord]) -> Verdict:
    """Judge whether the reference is near the least."""
    verdict = judge(ordering, records)
    if verdict.result == UNKNOWN:
        return verdict
    least = min(verdict.ours, key=lambda unit: verdict.ours[unit])
    above = verdict.ours[REFERENCE] / verdict.ours[least] - 1
    result = HOLDS if above <= NEAR else FAILS
    return Verdict(ordering, result, verdict.ours, f"{REFERENCE} is {above:.0%} above {least}")


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
