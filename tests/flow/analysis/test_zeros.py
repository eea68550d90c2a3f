"""What zeros are worth: layers within their bounds, memories by macros, figures that follow."""

import pytest

from macsmith.analysis.zeros.contenders import BLOCK, CONTENDERS, MULTIPLIERS, worth
from macsmith.analysis.zeros.sram import IHP
from macsmith.library.resolve import resolve
from macsmith.operands.packet_sources.packets import useful
from macsmith.operands.packet_sources.sparse_layer import CHANNELS, SparseLayer
from macsmith.rtl.external_memory import MemorySize


def test_memories_by_macros() -> None:
    """Each macro's own figures are met within a seventh; a wider or deeper memory costs more."""
    assert max(IHP.largest_error.values()) < 1 / 7
    small, wide, deep = (MemorySize(*size) for size in ((16, 256), (32, 256), (16, 512)))
    for figure in (IHP.read_pj, IHP.write_pj, IHP.area_um2):
        assert 0 < figure(small) < min(figure(wide), figure(deep))


@pytest.mark.parametrize("density", [1.0, 0.5, 0.05])
def test_layers_have_their_density(density: float) -> None:
    acts, weights = SparseLayer(density).operands()
    inner = acts[1:-1, 1:-1]
    assert (weights != 0).mean() == pytest.approx(density, abs=0.02)
    assert (inner != 0).mean() == pytest.approx(density, abs=0.1)
    assert not acts[0].any() and not acts[:, -1].any() and (acts >= 0).all()


@pytest.mark.parametrize(("bound", "block"), [(1, 8), (4, 8), (2, 4)])
def test_blocks_keep_their_bound(bound: int, block: int) -> None:
    layer = SparseLayer(bound / block, bound, block, True)
    for values in layer.operands():
        counts = (values.reshape(-1, block) != 0).sum(axis=1)
        assert counts.max() == bound
    assert (layer.operands()[1] != 0).mean() == pytest.approx(bound / block, abs=0.01)


def test_densities_that_are_compared() -> None:
    """Bounds are those that hold each density; every contender's unit can be made."""
    tech = resolve()
    for density in (1.0, 0.5, 0.25, 0.125, 0.05):
        taken = [one for one in CONTENDERS if one.least < density <= one.most]
        assert len({one.name for one in taken}) == len(taken)
        for one in taken:
            assert one.bound == 0 or density <= one.bound / one.block
    assert all(one.job(tech).boundary == one.boundary for one in CONTENDERS)


def test_dense_arrays_do_all_products() -> None:
    """Cycles are those of all products over those that are useful; blocks gain 8 / k."""
    by_name = {(one.name, one.bound): one for one in CONTENDERS}
    tech, density = resolve(), 0.25
    dense = worth(by_name["dense", 0], density, tech, IHP)
    rows, matrix = SparseLayer(1.0).matrices()
    share = useful(rows, matrix) / (len(rows) * matrix.size) * density**2
    assert dense.cycles == pytest.approx(1 / share / MULTIPLIERS)
    assert dense.logic_pj > 0
    both = worth(by_name["k of 8 of both", 2], density, tech, IHP)
    assert both.cycles == pytest.approx(dense.cycles * 2 / BLOCK) and both.logic_pj > 0
    assert CHANNELS % BLOCK == 0
