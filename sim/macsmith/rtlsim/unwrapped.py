"""A unit in its AXI4-Stream wrapper, with the unit's own streams again."""

from collections.abc import Mapping
from typing import Any

from amaranth import Cat, Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.catalog.catalog import build, cut
from macsmith.contract.axi_stream import axi_name
from macsmith.contract.unit import resolve
from macsmith.rtl.axi_stream_wrapper import AxiStreamWrapper


def with_own_streams(name: str, spec: Any, boundary: str) -> Any:
    """Return a unit cut at a boundary, with its own streams, whatever its ports are there."""
    component, plain = build(name, spec, boundary), cut(name, boundary).plain
    return resolve(plain)(component) if plain else component


class Unwrapped(wiring.Component):
    """What drives a unit alone drives its wrapper too: lines of one stream are those of another.

    Parameters
    ----------
    wrapper
        The unit in its wrapper.

    Members
    -------
    i, i_*, o
        The streams of the unit, their payloads plain words.
    """

    def __init__(self, wrapper: AxiStreamWrapper) -> None:
        self.wrapper = wrapper
        streams = {
            name: In(stream.Signature(beat.payload_bits)) for name, beat in wrapper.inputs.items()
        } | {
            name: Out(stream.Signature(beat.payload_bits)) for name, beat in wrapper.outputs.items()
        }  # fmt: skip
        lines = [axi_name(name, inward=True) for name in wrapper.inputs]
        lines += [axi_name(name, inward=False) for name in wrapper.outputs]
        self.others = {
            name: member
            for name, member in wrapper.signature.members.items()
            if name.rpartition("_")[0] not in lines
        }
        super().__init__(streams | self.others)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return self.wrapper.parts

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.wrapper = wrapper = self.wrapper
        for name, beat in wrapper.inputs.items():
            prefix, inner = axi_name(name, inward=True), getattr(self, name)
            tdata = getattr(wrapper, f"{prefix}_tdata")
            m.d.comb += [
                getattr(wrapper, f"{prefix}_tvalid").eq(inner.valid),
                inner.ready.eq(getattr(wrapper, f"{prefix}_tready")),
            ]
            for part in beat.parts:
                field = inner.payload[part.field.offset :][: part.bits]
                m.d.comb += tdata[part.at : part.at + part.bits].eq(field)
            if beat.last is not None:
                m.d.comb += getattr(wrapper, f"{prefix}_tlast").eq(inner.payload[beat.last])
        for name, beat in wrapper.outputs.items():
            prefix, outer = axi_name(name, inward=False), getattr(self, name)
            tdata = getattr(wrapper, f"{prefix}_tdata")
            found = {part.field.offset: tdata[part.at :][: part.bits] for part in beat.parts}
            if beat.last is not None:
                found[beat.last] = getattr(wrapper, f"{prefix}_tlast")
            m.d.comb += [
                outer.valid.eq(getattr(wrapper, f"{prefix}_tvalid")),
                getattr(wrapper, f"{prefix}_tready").eq(outer.ready),
                outer.payload.eq(Cat(found[offset] for offset in sorted(found))),
            ]
        for name, member in self.others.items():
            inner, outer = getattr(wrapper, name), getattr(self, name)
            m.d.comb += inner.eq(outer) if member.flow is In else outer.eq(inner)
        return m
