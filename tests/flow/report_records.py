"""Records of real syntheses for the tests of the report, and the same with energies set."""

import copy
from functools import cache
from typing import Any

from conftest import PDK

from macsmith import tech
from macsmith.catalog import BOUNDARIES, make_spec
from macsmith.jobs import jobs_for
from macsmith.measure import Record, measure
from macsmith.synth import Recipe
from macsmith.technology import Technology

UNITS = ("data-gated", "subword-st", "serial-1d")
NANGATE = PDK / "nangate45"


@cache
def _measured(recipes: tuple[Recipe, ...], generic: bool) -> list[Record]:
    units = {name: make_spec(name) for name in UNITS}
    library: Technology = (
        tech.resolve(str(NANGATE)) if NANGATE.is_dir() and not generic else tech.resolve()
    )
    return measure(jobs_for(units, list(BOUNDARIES), list(recipes), library), library)


def measured(*, generic: bool = False) -> list[Record]:
    """Return records by two recipes, on Nangate45 where the developers' PDKs are."""
    recipes = (Recipe.AREA,) if generic else (Recipe.SPEED, Recipe.AREA)
    return copy.deepcopy(_measured(recipes, generic))


def with_energy(records: list[Record], which: str) -> list[Record]:
    """Return records with energies for all, for some, or for none of them.

    ``some`` are core records by the recipe ``speed``. A serial unit takes three times what
    ``data-gated`` takes, ``subword-st`` half of it, and half of that again at two bits.
    """
    made: list[dict[str, Any]] = copy.deepcopy(records)
    for record in made:
        some = record["boundary"] == "core" and record["recipe"] == "speed"
        if which == "none" or (which == "some" and not some):
            continue
        share = {"data-gated": 1.0, "subword-st": 0.5, "serial-1d": 3.0}[record["unit"]]
        if record["unit"] == "subword-st" and record["mode"] == "2x2":
            share /= 2
        record["energy_pj_per_mac"] = 0.4567890123 * share
        record["energy_method"] = "set by a test"
        record["stimulus"] = "uniform"
        record["energy_parts"] = {"core": 0.25 * share, "clock": 0.125}
    return made
