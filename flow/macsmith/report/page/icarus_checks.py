"""What the cross-checks in records say together, for the report's section on method."""

from collections.abc import Sequence
from dataclasses import dataclass

from macsmith.records.record import Record

BOUNDS = {"gates": 0.10, "cells": 0.15}
"""Greatest difference of all transitions that we promise, by form of adders."""

_FORMS = {"gates": "gates alone", "cells": "full-adder cells"}


@dataclass(frozen=True)
class Summary:
    """The cross-checks of one library and form of adders, each of a netlist in a mode.

    Members
    -------
    checks, nets
        How many there are, and the nets in all of them.
    wrong
        Nets whose toggles without delays differ.
    toggles
        Transitions in Icarus, glitches included.
    off, worst_off
        How far ours differ in total, and where they differ most.
    worst
        Where that is.
    percentile_95
        The largest of the 95th percentiles over the nets of a netlist.
    """

    tech: str
    adders: str
    checks: int
    nets: int
    wrong: int
    toggles: int
    off: float
    worst_off: float
    worst: str
    percentile_95: float
    bound: float


def summaries(records: Sequence[Record]) -> list[Summary]:
    """Return a summary for each library and form of adders that was cross-checked."""
    checked = [record for record in records if record["cross_check"]]
    kinds = dict.fromkeys((record["tech"], record["adders"]) for record in checked)
    return [
        _summary([one for one in checked if (one["tech"], one["adders"]) == kind]) for kind in kinds
    ]


def conditions(records: Sequence[Record]) -> list[str]:
    """Return what was compared: simulators and operands."""
    checks = [record["cross_check"] for record in records if record["cross_check"]]
    return list(dict.fromkeys(f"{one['simulator']}; {one['stimulus']}" for one in checks))


def _summary(records: Sequence[Record]) -> Summary:
    checks = [record["cross_check"] for record in records]
    total = {key: sum(one[key] for one in checks) for key in ("nets", "wrong", "ours", "icarus")}

    def off(record: Record) -> float:
        return float(record["cross_check"]["ours"] / record["cross_check"]["icarus"] - 1)

    worst = max(records, key=lambda record: abs(off(record)))
    return Summary(
        tech=worst["tech"],
        adders=_FORMS[worst["adders"]],
        checks=len(records),
        nets=total["nets"],
        wrong=total["wrong"],
        toggles=total["icarus"],
        off=total["ours"] / total["icarus"] - 1,
        worst_off=off(worst),
        worst=f"{worst['unit']} at {worst['mode']}",
        percentile_95=max(one["percentile_95"] for one in checks),
        bound=BOUNDS[worst["adders"]],
    )
