"""Toggles and cones, counted by hand."""

from pathlib import Path

import numpy as np
import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.netlist.gate_netlist import read_netlist
from macsmith.netlist.influence_cones import fan_in, fan_out
from macsmith.netlist.toggles import ToggleCounter, count_toggles
from macsmith.netlist.zero_delay import GateEngine
from macsmith.rtl.emit import to_rtlil


class Counter(wiring.Component):
    """``count`` counts where ``en``; ``both`` tells of bit 0 and ``a``, one cycle later."""

    en: In(1)
    a: In(1)
    count: Out(4)
    both: Out(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        meet = Signal()
        m.d.comb += meet.eq(self.count[0] & self.a)
        m.d.sync += self.both.eq(meet)
        with m.If(self.en):
            m.d.sync += self.count.eq(self.count + 1)
        return m


@pytest.fixture
def engine(tmp_path: Path) -> GateEngine:
    return GateEngine(read_netlist(to_rtlil(Counter(), "top"), "top", tmp_path))


def toggles(counter: ToggleCounter, net: str) -> list[int]:
    return counter.counts[counter.engine.netlist.nets[net]].tolist()


@pytest.mark.parametrize("lanes", [1, 64, 70])
def test_every_lane_is_counted_and_no_other(engine: GateEngine, lanes: int) -> None:
    engine.reset(lanes)
    counter = count_toggles(engine, {"en": [1] * 17, "a": [0] * 17})
    assert counter.transitions == 16 * lanes
    assert toggles(counter, "count") == [16 * lanes, 8 * lanes, 4 * lanes, 2 * lanes]
    assert toggles(counter, "both") == [0]
    later = count_toggles(engine, {"en": [1] * 17, "a": [0] * 17}, skip=8)
    assert toggles(later, "count") == [8 * lanes, 4 * lanes, 2 * lanes, lanes]


def test_lanes_have_inputs_of_their_own(engine: GateEngine) -> None:
    engine.reset(3)
    en = [np.array([1, 0, cycle % 2]) for cycle in range(9)]
    counter = count_toggles(engine, {"en": en, "a": [1] * 9})
    assert toggles(counter, "count") == [8 + 0 + 4, 4 + 0 + 2, 2 + 0 + 1, 1]
    assert toggles(counter, "en") == [8]
    # It follows bit 0 by a cycle, so it has not seen the changes of the last.
    assert toggles(counter, "meet") == [12] and toggles(counter, "both") == [7 + 3]


def test_cones(engine: GateEngine) -> None:
    netlist = engine.netlist
    nets = {name: set(rows.tolist()) for name, rows in netlist.nets.items()}
    reached = set(np.flatnonzero(fan_out(netlist, netlist.nets["a"])).tolist())
    assert nets["a"] | nets["meet"] | nets["both"] <= reached
    assert not reached & (nets["en"] | nets["count"])
    assert nets["both"] <= set(np.flatnonzero(fan_out(netlist, netlist.nets["en"])).tolist())
    needed = set(np.flatnonzero(fan_in(netlist, netlist.nets["meet"])).tolist())
    assert needed == nets["meet"] | nets["a"] | {int(netlist.nets["count"][0])}
    assert netlist.names[next(iter(nets["meet"]))] == "meet"
    assert netlist.names[int(netlist.nets["count"][2])] == "count[2]"
