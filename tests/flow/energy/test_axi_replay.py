"""Energies of units in their AXI4-Stream wrapper: they are driven as the unit, and cost more."""

from pathlib import Path

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec, rtlil
from macsmith.catalog.settings import spec_of
from macsmith.energy.replays.axi_replay import with_own_streams
from macsmith.golden.catalog import golden
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job
from macsmith.library import resolve
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.gate_traffic import beats_of, drive
from macsmith.operands.stimulus import Uniform, source_of
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.cells import NANGATE
from tests.support.sample import every

SMALL = {"act_width": 4, "weight_width": 4}


@pytest.mark.parametrize("name", every(1, ["subword-sa", "dnc-2d-st", "serial-1d"]))
def test_a_wrapper_gives_what_its_unit_gives(name: str, tmp_path: Path) -> None:
    spec = make_spec(name, SMALL)
    wrapper = read_netlist(rtlil(name, spec, "axi-stream"), "unit", tmp_path)
    engine = GateEngine(with_own_streams(wrapper, spec))
    point = len(spec.points) - 1
    batch = source_of(name, spec, point, np.random.default_rng(1)).uniform(20, 3)
    found = np.zeros(0, np.uint64)
    # The results of the first packets come while the second ones go in.
    for count in drive(engine, [*beats_of(batch, spec)] * 3):
        if engine.get("o__valid").all() and not count:
            found = engine.get("o__payload")
    assert np.array_equal(found, batch.expected(spec, golden(name, spec))[:, 0])


def test_the_wrapper_costs_what_it_adds() -> None:
    spec = spec_of("data-gated", ["act_width=4", "weight_width=4", "modes=4x4"])
    library = resolve.resolve(NANGATE)
    jobs = [Job("data-gated", spec, one, Recipe.SPEED, False) for one in ("unit", "axi-stream")]
    plan = EnergyPlan(Uniform(beats=500), boundaries=("unit", "axi-stream"))
    unit, wrapped = (one["energy_places"] for one in measure(jobs, library, energy=plan))
    assert wrapped["core"] == pytest.approx(unit["core"], rel=0.15)
    assert wrapped["wrapper"] > 1.3 * unit["wrapper"]
