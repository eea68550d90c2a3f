"""Faults planted in emitted RTLIL or by a subclass, which proofs must find."""

import re
from typing import Any

from amaranth import Module, Signal, Value

from macsmith.array.engine.axi_lite_registers import EngineControl
from macsmith.array.engine.core import EngineCore
from macsmith.array.output_stationary.array import Systolic
from macsmith.array.pe.tensor_pe import TensorPe
from macsmith.array.pruning.dap import Dap


def without_reset(rtlil: str, register: str) -> str:
    """Return RTLIL in which a register, the first of that name, is left out of the reset."""
    found = re.search(
        rf"connect \\D (\$\d+).*\n    connect \\CLK .*\n    connect \\Q \\{register}\b",
        rtlil,
    )
    assert found, register
    reset = re.compile(
        rf"    switch \\rst \[0\]\n      case 1'1\n        assign {re.escape(found[1])} .*\n    end\n"
    )
    left, count = reset.subn("", rtlil, count=1)
    assert count == 1, found[1]
    return left


class TakesThirdTile(Systolic):
    """A tile ends whether or not the collector has room for it."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.i.ready.eq(1)
        return m


class ForgetsLast(Systolic):
    """No column of sums says that it is its tile's last."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.o.payload.last.eq(0)
        return m


class KeepsSums(TensorPe):
    """Accumulators go on where a tile begins."""

    def dots(self, m: Module, act: Any, weight: Any, ports: Any) -> Any:
        return super().dots(m, act, weight, lambda k: {**ports(k), "first": Signal()})


class LosesOne(Dap):
    """An activation of the highest place is lost where it is the only one."""

    def _gathered(self, m: Module, values: list[Value], mask: Signal) -> list[Value]:
        slots, told, kept, lossy = super()._gathered(m, values, mask)
        lost = (kept == 1) & mask[-1]
        return [slots & ~lost.replicate(len(slots)), told, kept, lossy]


class ForgetsData(EngineControl):
    """A write is answered, but its data is not taken unless a host was ready for the answer."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        bus: Any = self
        offered = Signal()
        m.d.sync += offered.eq(bus.s_axil_bready)
        m.d.comb += bus.s_axil_wready.eq(bus.s_axil_awready & offered)
        return m


class ReadsAhead(EngineControl):
    """Reads are taken while an answer waits."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        bus: Any = self
        m.d.comb += bus.s_axil_arready.eq(1)
        return m


class EndlessCore(EngineCore):
    """The last result of a job does not say so."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.result_last.eq(0)
        return m
