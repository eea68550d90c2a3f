"""The systolic engine: AXI4-Stream for operands and results, AXI4-Lite for control."""

from collections.abc import Mapping

from amaranth import Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.engine.axi_lite_registers import EngineControl, axi_lite_ports
from macsmith.array.engine.core import EngineCore
from macsmith.array.engine.spec import EngineSpec, whole_bytes
from macsmith.rtl.external_memory import WithoutMemories
from macsmith.rtl.shared_module import instance

INPUTS = ("act", "weight", "channel")
"""Streams of operands."""


class Engine(wiring.Component):
    """``C = A @ W`` of any sizes, requantised: see `Schedule` for what is sent, and in which order.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    s_axis_act_*, s_axis_weight_*, s_axis_channel_*
        AXI4-Stream slaves, a word a beat, padded to whole bytes. ``tlast`` may come with the last
        word of a panel (of the channels: of all N) and must come with the job's last.
    m_axis_result_*
        AXI4-Stream master: ``out_lanes`` results a beat.
    s_axil_*
        AXI4-Lite slave: see `Register`.
    """

    def __init__(self, spec: EngineSpec) -> None:
        self.spec, self.core = spec, EngineCore(spec)
        ports = axi_lite_ports("s_axil")
        for name in INPUTS:
            bits = len(getattr(self.core, f"{name}_data"))
            ports |= {
                f"s_axis_{name}_tdata": In(8 * whole_bytes(bits)),
                f"s_axis_{name}_tlast": In(1),
                f"s_axis_{name}_tvalid": In(1),
                f"s_axis_{name}_tready": Out(1),
            }
        ports |= {
            "m_axis_result_tdata": Out(spec.result_bits),
            "m_axis_result_tkeep": Out(spec.result_bits // 8),
            "m_axis_result_tlast": Out(1),
            "m_axis_result_tvalid": Out(1),
            "m_axis_result_tready": In(1),
        }
        super().__init__(ports)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {"macsmith_engine": self.core, **self.core.parts}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.control = control = EngineControl(self.spec)
        for name in control.signature.members:
            if name.startswith("s_axil"):
                inner, outer = getattr(control, name), getattr(self, name)
                inward = control.signature.members[name].flow is In
                m.d.comb += inner.eq(outer) if inward else outer.eq(inner)
        streams: dict[str, Value] = {}
        for name in INPUTS:
            for line in ("data", "last", "valid", "ready"):
                port = getattr(self, f"s_axis_{name}_t{line}")
                streams[f"{name}_{line}"] = port[: len(getattr(self.core, f"{name}_{line}"))]
        for line in ("data", "keep", "last", "valid", "ready"):
            streams[f"result_{line}"] = getattr(self, f"m_axis_result_t{line}")
        m.submodules.core = instance(
            "macsmith_engine", self.core, clear=control.clear,
            start=control.start, job=control.job.as_value(), busy=control.busy,
            error=Value.cast(control.error), counters=control.counters, **streams,
        )  # fmt: skip
        return m


class EngineLogic(Engine):
    """The engine without its memories, which are instances for macros to take their place."""

    platform = WithoutMemories()
