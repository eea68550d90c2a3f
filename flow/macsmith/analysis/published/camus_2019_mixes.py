"""What was published of these MAC styles at mixes of precisions, and whether it holds in records.

Statements are those of V. Camus et al., IEEE JETCAS 9(4), 2019, whose page numbers are given.
"""

from collections.abc import Sequence
from functools import partial

from macsmith.analysis.precision_mix import PUBLISHED_MIXES, mix_records
from macsmith.analysis.published.camus_2019 import SERIAL, Ordering
from macsmith.analysis.published.verdicts import (
    FAILS,
    HOLDS,
    PUBLISHED,
    REFERENCE,
    UNKNOWN,
    Verdict,
    is_published,
    judge,
)
from macsmith.catalog.catalog import compared
from macsmith.records.record import MixRecord, Record

NEAR = 0.1
"""A unit is near-optimal whose energy exceeds the least by this share at most; our choice."""

WIDE = ("serial-1d", {"digit": 4})
"""The unit and the parameters of a statement that is on more than the catalogue's defaults."""

WIDE_SERIAL = "serial-1d, digit 4"
"""What it is called where a unit is a name."""

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


def verdicts(records: Sequence[Record], boundary: str = PUBLISHED) -> list[Verdict]:
    """Judge every published statement about mixes by the units cut at a boundary."""
    mine = [record for record in records if is_published(record, boundary)]
    found = mix_records([*mine, *_wide_serial(records, boundary)], PUBLISHED_MIXES, boundary)
    return [
        *(judge(ordering, found) for ordering in ORDERINGS),
        *(_near(ordering, found) for ordering in NEAR_OPTIMAL),
    ]


def _wide_serial(records: Sequence[Record], boundary: str) -> list[Record]:
    """Return the records of the serial unit with wide digits under a name of their own."""
    unit, own = WIDE
    wide = [r for r in records if r["unit"] in (unit, WIDE_SERIAL)]
    wide = [r for r in wide if own.items() <= r["parameters"].items()]
    default = [r | {"parameters": r["parameters"] | {"digit": 1}} for r in wide]
    return [
        record | {"unit": WIDE_SERIAL}
        for record, other in zip(wide, default, strict=True)
        if is_published(other, boundary)
    ]


def _near(ordering: Ordering, records: Sequence[MixRecord]) -> Verdict:
    """Judge whether the reference is near the least."""
    verdict = judge(ordering, records)
    if verdict.result == UNKNOWN:
        return verdict
    least = min(verdict.ours, key=lambda unit: verdict.ours[unit])
    above = verdict.ours[REFERENCE] / verdict.ours[least] - 1
    result = HOLDS if above <= NEAR else FAILS
    return Verdict(ordering, result, verdict.ours, (f"{REFERENCE} is {above:.0%} above {least}",))
