"""A modelled clock tree: its share by hand, and what it adds to a unit."""

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.energy.clock_tree import FANOUT, pin_leakage_nw, pulse_fj
from macsmith.energy.power_model import TREE
from macsmith.jobs.energy_job import energies_of
from macsmith.jobs.netlist_job import Job
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.cells import NANGATE, under

FEW = Uniform(beats=100, length=50)


def test_the_share_of_a_pin_by_hand(generic: Technology) -> None:
    """In C0 V^2: BUF_X1 has an input of 1 and moves p = 1, then 2 x = 2 inside, at both edges."""
    moved = 1.0 + 1.0 + 2.0  # C V^2 of its input, and twice half of what is inside
    volts = generic.library.voltage
    assert pulse_fj(generic, 5.0) == pytest.approx(moved * volts**2 / (FANOUT - 1))
    assert pin_leakage_nw(generic) == 0.0


def test_wires_to_buffers_count(generic: Technology) -> None:
    library = resolve(NANGATE)
    bare, wired = (under(library, wires=model) for model in ("none", "fanout"))
    assert wired.wires.model
    to_one = wired.wires.model.ff_per_length * wired.wires.model.length(FANOUT) / FANOUT
    added = to_one * library.library.voltage**2 / (FANOUT - 1)
    assert pulse_fj(wired, 1.0) - pulse_fj(bare, 1.0) > added  # and slower edges inside
    assert pin_leakage_nw(library) > 0


def test_only_the_tree_is_added() -> None:
    library = resolve(NANGATE)
    job = Job("data-gated", make_spec("data-gated"), "unit", Recipe.SPEED, False)
    without = energies_of(job, library, FEW)["8x8"]
    with_tree = energies_of(job, under(library, clock_tree=True), FEW)["8x8"]
    tree = with_tree["parts"].pop(TREE)
    assert with_tree["parts"] == without["parts"]
    # A sixteenth or so of a buffer a pin: less than the pins and their wires take.
    assert 0 < tree < without["parts"]["clock"]
    places = sum(with_tree["places"].values()) - sum(without["places"].values())
    assert places == pytest.approx(tree)
