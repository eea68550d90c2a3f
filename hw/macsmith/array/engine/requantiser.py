"""Requantisers: accumulators to results of few bits, each channel with its own scale."""

from typing import Any

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.engine.spec import MULT_BITS, SHIFT_BITS, EngineSpec
from macsmith.mac.operand_registers import split


def channel_layout(spec: EngineSpec) -> data.StructLayout:
    """Return the layout of an output channel.

    Members
    -------
    bias
        In two's complement; added to the accumulator.
    mult, shift
        The scale ``mult / 2^shift``.
    """
    fields: dict[str, object] = {"bias": signed(spec.array.acc_width)}
    if padding := 8 * spec.bias_bytes - spec.array.acc_width:
        fields["padding"] = padding
    fields |= {"mult": MULT_BITS, "shift": SHIFT_BITS, "unused": 16 - SHIFT_BITS}
    return data.StructLayout(fields)


def picked_layout(spec: EngineSpec) -> data.StructLayout:
    """Return the layout of sums on their way to the requantisers: ``out_lanes`` of one channel."""
    return data.StructLayout(
        {"sums": spec.out_lanes * spec.array.acc_width, "present": spec.out_lanes, "last": 1}
    )


def result_layout(spec: EngineSpec) -> data.StructLayout:
    """Return the layout of a beat of results; ``present`` tells which lanes hold one."""
    return data.StructLayout({"data": spec.result_bits, "present": spec.out_lanes, "last": 1})


class Requantiser(wiring.Component):
    """``saturate(round_half_even((acc + bias) * mult / 2^shift))`` in each lane.

    Nothing is lost before the rounding. With ``raw`` results are the accumulators themselves.
    A beat a cycle, four cycles late; a result that nobody takes stops all of them.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    raw : In(1)
        Pass accumulators on; it must not change while a beat is inside.
    i : In(stream.Signature(picked_layout(spec)))
        Accumulators.
    channel : In(channel_layout(spec))
        Their channel, valid along with the beat.
    o : Out(stream.Signature(result_layout(spec)))
        Results, lane by lane in whole bytes, sign-extended.
    empty : Out(1)
        No beat is inside.
    """

    raw: Signal
    i: stream.Interface
    channel: data.View
    o: stream.Interface
    empty: Signal

    def __init__(self, spec: EngineSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "raw": In(1),
                "i": In(stream.Signature(picked_layout(spec))),
                "channel": In(channel_layout(spec)),
                "o": Out(stream.Signature(result_layout(spec))),
                "empty": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        go = Signal()
        valid = [self.i.valid]
        tags: list[Value] = [Cat(self.i.payload.present, self.i.payload.last)]
        for stage in ("biased", "scaled", "shifted", "rounded"):
            valid.append(Signal(name=f"{stage}_valid"))
            tags.append(Signal.like(tags[0], name=f"{stage}_tags"))
            with m.If(go):
                m.d.sync += [valid[-1].eq(valid[-2]), tags[-1].eq(tags[-2])]
        m.d.comb += [
            go.eq(~valid[-1] | self.o.ready),
            self.i.ready.eq(go),
            self.o.valid.eq(valid[-1]),
            Cat(self.o.payload.present, self.o.payload.last).eq(tags[-1]),
            self.empty.eq(~Cat(valid[1:]).any()),
        ]
        bias = Signal(signed(spec.array.acc_width))
        mult = Signal(MULT_BITS)
        shift = Signal(SHIFT_BITS)
        # The scale of the stage after: 1 / 2^0 leaves accumulators as they are.
        m.d.comb += bias.eq(Mux(self.raw, 0, self.channel.bias))
        with m.If(go):
            m.d.sync += [
                mult.eq(Mux(self.raw, 1, self.channel.mult)),
                shift.eq(Mux(self.raw, 0, self.channel.shift)),
            ]
        late_shift = Signal.like(shift)
        with m.If(go):
            m.d.sync += late_shift.eq(shift)
        # The bits of a product that a shift takes below the half.
        below = Signal(spec.array.acc_width + MULT_BITS + 3)
        m.d.comb += below.eq(Cat(late_shift > place + 1 for place in range(len(below))))
        lanes = [
            self._lane(m, lane, go, acc, (bias, mult, late_shift, below))
            for lane, acc in enumerate(split(self.i.payload.sums, spec.array.acc_width))
        ]
        requantised = Cat(value for value, _ in lanes)
        raw = Cat(value for _, value in lanes)
        result = Signal(spec.result_bits)
        with m.If(go):
            m.d.sync += result.eq(Mux(self.raw, raw, requantised))
        m.d.comb += self.o.payload.data.eq(result)
        return m

    def _lane(
        self, m: Module, lane: int, go: Value, acc: Value, scale: tuple[Value, ...]
    ) -> tuple[Value, Value]:
        """Return a lane's result and its accumulator, each in whole bytes."""
        spec = self.spec
        bias, mult, shift, below = scale
        summed: Any = (acc.as_signed() if spec.array.mac.result_signed else acc) + bias
        biased = Signal(summed.shape(), name=f"biased_{lane}")
        scaled = Signal((biased * mult).shape(), name=f"scaled_{lane}")
        floor = Signal(scaled.shape(), name=f"floor_{lane}")
        up = Signal(name=f"up_{lane}")
        # One bit below the point tells whether a half is left; the bits below that, whether more.
        moved = Signal(signed(len(scaled) + 1), name=f"moved_{lane}")
        more = Signal(name=f"more_{lane}")
        m.d.comb += [
            moved.eq(Cat(Const(0, 1), scaled).as_signed() >> shift),
            more.eq((scaled & below[: len(scaled)]).any()),
        ]
        with m.If(go):
            m.d.sync += [
                biased.eq(summed),
                scaled.eq(biased * mult),
                floor.eq(moved[1:].as_signed()),
                up.eq(moved[0] & (more | moved[1])),
            ]
        low, high = operand_range(spec.out_width, spec.out_signed)
        rounded = Signal(signed(len(floor) + 1), name=f"rounded_{lane}")
        m.d.comb += rounded.eq(floor + up)
        within = Mux(rounded < low, low, Mux(rounded > high, high, rounded))
        narrow = Signal(signed(8 * spec.result_bytes(False)), name=f"result_{lane}")
        whole = Signal(8 * spec.result_bytes(True), name=f"sum_{lane}")
        m.d.comb += [narrow.eq(within), whole.eq(rounded)]
        return narrow, whole


def operand_range(bits: int, is_signed: bool) -> tuple[int, int]:
    """Return the least and the greatest value of an operand."""
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if is_signed else (0, 2**bits - 1)
