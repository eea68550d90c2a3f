"""Records of real syntheses for the tests of the report, and the same with energies set."""

import copy
from functools import cache
from typing import Any

from macsmith.catalog.catalog import make_spec
from macsmith.energy.specify_verilog import available
from macsmith.host import cxx
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, jobs_for
from macsmith.library import resolve
from macsmith.library.technology import Technology
from macsmith.records.record import Record
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.cells import NANGATE
from tests.support.invented_records import all_of_macs

UNITS = ("data-gated", "subword-st", "serial-1d")


@cache
def _measured(recipes: tuple[Recipe, ...], generic: bool) -> list[Record]:
    units = {name: make_spec(name) for name in UNITS}
    library: Technology = resolve.resolve() if generic else resolve.resolve(NANGATE)
    return measure(jobs_for(units, None, list(recipes), library), library)


def measured(*, generic: bool = False) -> list[Record]:
    """Return records by two recipes, on Nangate45."""
    recipes = (Recipe.AREA,) if generic else (Recipe.SPEED, Recipe.AREA)
    return copy.deepcopy(_measured(recipes, generic))


def with_energy(records: list[Record], which: str) -> list[Record]:
    """Return records with energies for all, for some, or for none of them.

    ``some`` are records by the recipe ``speed``. A serial unit takes three times what
    ``data-gated`` takes, ``subword-st`` half of it, and half of that again at two bits.
    """
    made: list[Any] = copy.deepcopy(records)
    for record in made:
        some = record["recipe"] == "speed"
        if which == "none" or (which == "some" and not some):
            continue
        share = {"data-gated": 1.0, "subword-st": 0.5, "serial-1d": 3.0}[record["unit"]]
        if record["unit"] == "subword-st" and record["mode"] == "2x2":
            share /= 2
        physical = record["area_um2"] is not None
        record["energy_pj_per_mac" if physical else "energy_c0v2_per_mac"] = 0.4567890123 * share
        record["energy_method"] = "set by a test"
        record["stimulus"] = "uniform"
        split = {"core": 0.25 * share, "clock": 0.125}
        record["energy_parts" if physical else "energy_parts_c0v2"] = split
    return all_of_macs(made)


def two_libraries(records: list[Record]) -> list[Record]:
    """Return records with all energies, of two stimuli, at both boundaries, on two libraries.

    The second stimulus takes half as much. On the second library everything is twice as large and
    slow, and `serial-1d` eight times as large.
    """
    first = with_energy(records, "all")
    for record in first:
        if record["boundary"] == "unit":
            total = record["energy_pj_per_mac"]
            record["energy_places"] = {
                "core": total / 2,
                "wrapper": total / 4,
                "sequencer": total / 4,
            }
        _scale(record, 1)
    second = copy.deepcopy(first)
    for record in second:
        record |= {"stimulus": "network", "energy_pj_per_mac": record["energy_pj_per_mac"] / 2}
    others = copy.deepcopy([*first, *second])
    for record in others:
        record["tech"] = "elsewhere"
        _scale(record, 8 if record["unit"] == "serial-1d" else 2, 2)
    return all_of_macs([*first, *second, *others])


def _scale(record: Record, area: int, period: int = 1) -> None:
    """Make a record's netlist larger and slower, in um2 and ns whatever it was in."""
    record["area_um2"] = area * (record["area_um2"] or record["area_ge"])
    record["area_ge"] *= area
    record["period_ns"] = period * (record["period_ns"] or record["period_tau"])
    seconds, mm2 = record["period_ns"] * 1e-9, record["area_um2"] * 1e-6
    record["gmacs_per_s_per_mm2"] = record["macs_per_cycle"] / seconds / mm2 / 1e9


@cache
def cross_checked() -> list[Record]:
    """Return records of a real cross-check, or none where it cannot run."""
    if not (available() and cxx.available()):
        return []
    library = resolve.resolve(NANGATE)
    job = Job("subword-st", make_spec("subword-st"), "core", Recipe.AREA, False)
    return measure([job], library, cross_check=True)
