"""Any unit of streams behind AXI4-Stream."""

from collections.abc import Mapping
from typing import Any

from amaranth import Cat, Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.contract.axi_stream import Beat, axi_name, beat_of
from macsmith.contract.unit import UnitSpec
from macsmith.rtl.shared_module import flat_ports, instance
from macsmith.rtl.skid_buffer import SkidBuffer


class AxiStreamWrapper(wiring.Component):
    """A unit whose streams are AXI4-Stream: s_axis and m_axis, the fields of a beat from bytes on.

    Each stream that comes in passes a `SkidBuffer`, so that no gate leads from an input to an
    output, as AXI asks. Rates and latencies are those of the unit. ``tlast`` is there where the
    payload has a field for it. Other ports of the unit are as they were.

    ``rst``, which is active high, drops everything in flight.

    Parameters
    ----------
    unit
        The unit; each of its streams is one of the specification's.
    spec
        Its specification, which says what the streams hold.

    Members
    -------
    s_axis_*, m_axis_*
        A stream by its name: ``i`` is ``s_axis``, ``i_w`` is ``s_axis_w``, ``o`` is ``m_axis``.
        ``tdata`` is as `macsmith.contract.axi_stream` has it.
    """

    buffer: type[SkidBuffer] = SkidBuffer
    """What each stream that comes in passes."""

    def __init__(self, unit: wiring.Component, spec: UnitSpec) -> None:
        self.unit, point = unit, spec.points[0]
        self.inputs = {name: beat_of(layout) for name, layout in spec.inputs(point).items()}
        self.outputs = {name: beat_of(layout) for name, layout in spec.outputs(point).items()}
        ports: dict[str, Any] = {}
        for name, beat in self.inputs.items():
            ports |= _ports(axi_name(name, inward=True), beat, In, Out)
        for name, beat in self.outputs.items():
            ports |= _ports(axi_name(name, inward=False), beat, Out, In)
        others = {
            name: member for name, member in unit.signature.members.items()
            if name not in self.inputs and name not in self.outputs
        }  # fmt: skip
        widths = {beat.payload_bits for beat in self.inputs.values()}
        self._skids = {_skid(bits): self.buffer(bits) for bits in sorted(widths)}
        super().__init__(ports | others)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {"macsmith_unit": self.unit, **self._skids, **getattr(self.unit, "parts", {})}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        lines: dict[str, Value] = {
            name: Signal(len(port), name=name) for name, (_, port) in flat_ports(self.unit).items()
        }
        lines |= {name: port for name, (_, port) in flat_ports(self).items() if name in lines}
        for name, beat in self.inputs.items():
            prefix = axi_name(name, inward=True)
            word = Signal(beat.payload_bits, name=f"{prefix}_payload")
            m.d.comb += word.eq(self._word(prefix, beat))
            skid = _skid(beat.payload_bits)
            m.submodules[f"{prefix}_skid"] = instance(
                skid, self._skids[skid],
                i__payload=word, i__valid=getattr(self, f"{prefix}_tvalid"),
                i__ready=getattr(self, f"{prefix}_tready"),
                **{f"o__{line}": lines[f"{name}__{line}"]
                   for line in ("payload", "valid", "ready")},
            )  # fmt: skip
        m.submodules.unit = instance("macsmith_unit", self.unit, **lines)
        for name, beat in self.outputs.items():
            prefix = axi_name(name, inward=False)
            payload = lines[f"{name}__payload"]
            m.d.comb += [
                getattr(self, f"{prefix}_tdata").eq(_filled(payload, beat)),
                getattr(self, f"{prefix}_tvalid").eq(lines[f"{name}__valid"]),
                lines[f"{name}__ready"].eq(getattr(self, f"{prefix}_tready")),
            ]
            if beat.last is not None:
                m.d.comb += getattr(self, f"{prefix}_tlast").eq(payload[beat.last])
        return m

    def _word(self, prefix: str, beat: Beat) -> Value:
        """Return the payload of what comes in."""
        tdata = getattr(self, f"{prefix}_tdata")
        found = {part.field.offset: tdata[part.at : part.at + part.bits] for part in beat.parts}
        if beat.last is not None:
            found[beat.last] = getattr(self, f"{prefix}_tlast")
        return Cat(found[offset] for offset in sorted(found))


def _skid(bits: int) -> str:
    """Return the module of the buffer before a stream; those of one width share it."""
    return f"macsmith_skid_{bits}"


def _ports(prefix: str, beat: Beat, forth: Any, back: Any) -> dict[str, Any]:
    """Return the ports of a stream."""
    last = {} if beat.last is None else {f"{prefix}_tlast": forth(1)}
    return {
        f"{prefix}_tdata": forth(beat.bits), **last,
        f"{prefix}_tvalid": forth(1), f"{prefix}_tready": back(1),
    }  # fmt: skip


def _filled(payload: Value, beat: Beat) -> Value:
    """Return what ``tdata`` is: each field up to its last byte."""
    words: list[Value] = []
    for part in beat.parts:
        word = payload[part.field.offset :][: part.bits]
        fill = part.end - part.at - part.bits
        words += [word, word[-1].replicate(fill) if part.repeats_sign else Const(0, fill)]
    return Cat(words)
