"""Energies of engines that skip zeros: their netlists without memories, layers through them."""

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.jobs.energy_job import energies_of, replay_of
from macsmith.jobs.netlist_job import jobs_for
from macsmith.library.resolve import resolve
from macsmith.operands.packet_sources.sparse_layer import SparseLayer
from macsmith.operands.stimulus import UnfitError, Uniform
from macsmith.synthesis.yosys_abc import Recipe

LANES = {"lanes": 2, "filters": 2, "brick": 8, "window": 5, "windows": 2, "bricks": 10}


def test_energy_of_lanes_that_skip_zeros() -> None:
    """Cycles and accesses are those of the zeros, and an answer that is wrong would be told."""
    tech = resolve()
    unit = {"cnvlutin-lane": make_spec("cnvlutin-lane", LANES)}
    (job, *_) = jobs_for(unit, ["logic"], [Recipe.AREA], tech)
    found = {
        density: energies_of(job, tech, SparseLayer(density))["always"] for density in (1.0, 0.25)
    }
    pj = {density: sum(one["parts"].values()) for density, one in found.items()}
    assert 0 < pj[1.0] < pj[0.25]
    work = found[1.0]["work"]
    # Each entry reads its row of weights, for two filters of which each makes a product.
    reads = {name: value for name, value in work.items() if name.startswith("read lane")}
    assert len(reads) == 4
    for lane in (0, 1):
        assert reads[f"read lane_{lane}.entries"] == reads[f"read lane_{lane}.weights"]
    assert work["cycles"] < found[0.25]["work"]["cycles"]
    with pytest.raises(UnfitError, match="operands of cnvlutin-lane must be a sparse layer, not"):
        replay_of(job, tech).divided(Uniform(), 0)
