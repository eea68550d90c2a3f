"""Sums that leave an array in a narrower format: a converter behind the array's output stream."""

from collections.abc import Mapping
from typing import Any

from amaranth import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.spec import SystolicSpec
from macsmith.fp.convert.convert import FpConvert


class ConvertedSums(wiring.Component):
    """An array, and converters of the sums of a beat side by side.

        i ─▶ array ─▶ sums ─▶ converters ─▶ o
                      last ─▶ [ ] ────────▶

    A result waits for its receiver in the converters and stops these; the array goes on until its
    own memories are full. The streams of operands, and ``fault``, are the array's.

    Parameters
    ----------
    spec:
        The array, with a ``result``.
    array:
        The array whose sums leave as they are.

    Members
    -------
    o : Out(stream.Signature(spec.result_struct))
        Sums in the format, and scales of blocks.
    """

    o: stream.Interface

    def __init__(self, spec: SystolicSpec, array: Any) -> None:
        assert spec.converter is not None
        self.spec, self.array = spec, array
        self.converter = FpConvert(spec.converter)
        ports = {name: port for name, port in array.signature.members.items() if name != "o"}
        super().__init__({**ports, "o": Out(stream.Signature(spec.result_struct))})

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {**self.array.parts, **self.converter.parts}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        assert spec.converter is not None
        m.submodules.array = array = self.array
        for name, port in array.signature.members.items():
            mine: Any = getattr(self, name) if name != "o" else None
            if port.is_signature and port.flow is In:
                wiring.connect(m, wiring.flipped(mine), getattr(array, name))
            elif not port.is_signature:
                m.d.comb += mine.eq(getattr(array, name))
        sums = array.o
        count, moves = spec.converters, Signal(name="moves")
        width = len(sums.payload.sums) // count
        ends = []
        for index in range(count):
            converter = self.converter if not index else FpConvert(spec.converter)
            m.submodules[f"converter{index}"] = converter
            m.d.comb += [
                converter.i.valid.eq(sums.valid),
                converter.i.payload.x.eq(sums.payload.sums.word_select(index, width)),
                converter.o.ready.eq(self.o.ready),
            ]
            ends.append(converter)
        # All stages of all converters move together, when nothing waits at the end.
        last = sums.payload.last
        m.d.comb += [moves.eq(ends[0].i.ready), sums.ready.eq(moves)]
        for stage in range(spec.result_latency):
            later = Signal(name=f"last{stage}", reset_less=True)
            with m.If(moves):
                m.d.sync += later.eq(last)
            last = later
        m.d.comb += [
            self.o.valid.eq(ends[0].o.valid),
            self.o.payload.sums.eq(Cat(one.o.payload.y for one in ends)),
            self.o.payload.last.eq(last),
        ]
        if spec.scales:
            m.d.comb += self.o.payload.scale.eq(Cat(one.o.payload.scale_y for one in ends))
        return m
