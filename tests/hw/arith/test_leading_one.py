"""The leading-one detector at every width."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.leading_one import LeadingOne
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.netlist.zero_delay import GateEngine
from macsmith.rtl.emit import to_rtlil

WIDTHS = (*range(1, 25), 31, 32, 33, 47, 48, 49, 63, 64)


class Detectors(wiring.Component):
    """A detector of each width."""

    def __init__(self) -> None:
        self.detectors = {width: LeadingOne(width) for width in WIDTHS}
        super().__init__(
            {
                f"{name}{width}": (In if member.flow is In else Out)(member.shape)
                for width, part in self.detectors.items()
                for name, member in part.signature.members.items()
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        for width, part in self.detectors.items():
            m.submodules[f"width{width}"] = part
            for name, member in part.signature.members.items():
                mine, its = getattr(self, f"{name}{width}"), getattr(part, name)
                m.d.comb += its.eq(mine) if member.flow is In else mine.eq(its)
        return m


def words(width: int) -> np.ndarray:
    """Return all words of a width, or of wide ones some with each leading one."""
    if width <= 10:
        return np.arange(1 << width, dtype=np.uint64)
    rng = np.random.default_rng(width)
    below = rng.integers(0, 1 << 63, (64, width), dtype=np.uint64)
    tops = np.uint64(1) << np.arange(width, dtype=np.uint64)
    return np.append((tops | (below & (tops - np.uint64(1)))).reshape(-1), np.uint64(0))


def test_every_leading_one() -> None:
    with TemporaryDirectory() as folder:
        gates = GateEngine(read_netlist(to_rtlil(Detectors(), "top"), "top", Path(folder)))
    for width in WIDTHS:
        word = words(width)
        gates.reset(len(word))
        gates.set(f"word{width}", word)
        places = np.array([max(int(one).bit_length() - 1, 0) for one in word], np.uint64)
        highest = np.where(word > 0, np.uint64(1) << places, 0)
        assert (gates.get(f"any{width}") == (word > 0)).all(), width
        assert (gates.get(f"position{width}") == places).all(), width
        assert (gates.get(f"lines{width}") == highest).all(), width
