"""What EBSP saves over the conventional MAC of 8 x 6 bits, on real cells."""

from dataclasses import replace
from typing import Any

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.modes import Mode
from macsmith.jobs.area_delay_jobs import UNSIZED
from macsmith.jobs.energy_job import energies_of
from macsmith.jobs.netlist_job import Job, measured
from macsmith.library import resolve
from macsmith.library.technology import Technology
from macsmith.operands.ebsp_weights import LegalWeights
from macsmith.operands.stimulus import Stimulus, Uniform
from macsmith.synthesis.yosys_abc import CurveRecipe, Recipe
from tests.support.cells import NANGATE

EBSP: dict[str, Any] = {"weight_width": 6, "pattern": 3, "lut": "whole", "compressor": "4:2"}
CONVENTIONAL: dict[str, Any] = {"weight_width": 6, "modes": (Mode(act_bits=8, weight_bits=6),)}

COMPRESSORS = ("3:2", "4:2")


@pytest.fixture(scope="module")
def library() -> Technology:
    return resolve.resolve(NANGATE)


def job(name: str, boundary: str, cells: bool = True, **parameters: Any) -> Job:
    """Return a netlist with rippling adders."""
    spec = make_spec(name, {"adder": "ripple", **parameters})
    return Job(name, spec, boundary, Recipe.AREA, cells)


def conventional(boundary: str) -> list[Job]:
    """Return netlists of the conventional unit, its smallest among them."""
    return [
        job("data-gated", boundary, cells, **CONVENTIONAL, compressor=compressor)
        for cells in (True, False)
        for compressor in COMPRESSORS
    ]


def area(job: Job, library: Technology) -> float:
    return float(measured(job, library)["area"])


def least(boundary: str, library: Technology) -> float:
    return min(area(one, library) for one in conventional(boundary))


def test_multiplier_is_smaller(library: Technology) -> None:
    ours = area(job("ebsp", "multiplier", **EBSP), library)
    assert ours <= 0.85 * least("multiplier", library)


def test_row_with_a_bank_is_smaller_still(library: Technology) -> None:
    row = job("ebsp", "multiplier", False, **EBSP | {"lut": "bank"}, rows=16)
    assert area(row, library) / 16 <= 0.72 * least("multiplier", library)


def test_core_is_smaller(library: Technology) -> None:
    ours, *theirs = (
        area(replace(one, recipe=unsized("area")), library)
        for one in (job("ebsp", "core", **EBSP | {"lut": "shared-rows"}), *conventional("core"))
    )
    assert ours <= 0.82 * min(theirs)


def energy(job: Job, library: Technology, stimulus: Stimulus) -> float:
    (found,) = energies_of(job, library, stimulus).values()
    return sum(found["parts"].values())


def test_multiplier_takes_less_energy_while_weights_stay(library: Technology) -> None:
    held = Uniform(beats=4_000, held=True)
    ours = energy(job("ebsp", "multiplier", **EBSP), library, held)
    theirs = (energy(one, library, held) for one in conventional("multiplier"))
    assert ours <= 0.80 * min(theirs)


def unsized(mapping: str) -> CurveRecipe:
    return next(one for one in UNSIZED if one.label == f"{mapping} unsized")


def test_multiplier_with_a_new_weight_each_beat(library: Technology) -> None:
    """One netlist keeps both bounds, beside the least of each of the conventional ones."""
    theirs = [
        replace(one, recipe=unsized(mapping))
        for one in conventional("multiplier")
        for mapping in ("compact", "area")
    ]
    ours = replace(
        job("ebsp", "multiplier", **EBSP | {"lut": "shared-rows"}), recipe=unsized("area")
    )
    assert area(ours, library) <= 0.85 * min(area(one, library) for one in theirs)
    for stimulus in (Uniform(beats=4_000), LegalWeights(beats=4_000)):
        least = min(energy(one, library, stimulus) for one in theirs)
        assert energy(ours, library, stimulus) <= 0.80 * least
