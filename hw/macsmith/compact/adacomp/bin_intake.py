"""The first pass of a bin: what is kept of each element, and the greatest of them."""

from amaranth import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.compact.adacomp.spec import AdaCompSpec
from macsmith.rtl.named_signal import wired


class BinIntake(wiring.Component):
    """Takes the scale away from what was sent, adds gradients, finds the greatest of a bin.

        i ─▶ r - s ─▶ [r] ─▶ + d, saturate ─▶ [G] ─▶ | | ─▶ max ─▶ greatest
                                               └──────────────────▶ word

    Two cycles; it never stops by itself.

    Parameters
    ----------
    spec:
        The packer.

    Members
    -------
    taken : In(1)
        An element is taken in this cycle.
    i : In(spec.input_layout)
        It.
    fresh : Out(1)
        Whether the next begins a layer.
    begins : Out(1)
        Whether the next begins a bin.
    valid : Out(1)
        An element has gone through.
    kept : Out(spec.residue_width)
        Its G.
    gradient : Out(spec.width)
        Its gradient.
    ends, last : Out(1)
        Whether it is the last of its bin and of its layer.
    greatest : Out(spec.magnitude_width)
        The greatest of its bin so far.
    saturated : Out(1)
        Whether some G of its layer so far was too great.
    """

    def __init__(self, spec: AdaCompSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "taken": In(1), "i": In(spec.input_layout), "fresh": Out(1), "begins": Out(1),
                "valid": Out(1), "kept": Out(signed(spec.residue_width)),
                "gradient": Out(signed(spec.width)), "ends": Out(1), "last": Out(1),
                "greatest": Out(spec.magnitude_width), "saturated": Out(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, i = self.spec, self.i
        width = spec.residue_width
        place = Signal(range(spec.bin))
        fresh = Signal(init=1)
        held = Signal(spec.magnitude_width, name="scale_held", reset_less=True)
        scale = Signal(spec.magnitude_width)
        ends = Signal()
        m.d.comb += [
            scale.eq(Mux(fresh, i.scale, held)), ends.eq(i.last | (place == spec.bin - 1)),
            self.fresh.eq(fresh), self.begins.eq(place == 0),
        ]  # fmt: skip
        # r - s or r + s: the complement of s and a one, or s, where it was sent.
        minus = wired(m, "minus", i.sent & ~i.residue[-1])
        amount = Signal(signed(width))
        m.d.comb += amount.eq(
            Cat((scale & i.sent.replicate(len(scale))) ^ minus.replicate(len(scale)), minus)
        )
        true = Signal(signed(width + 1), reset_less=True)
        first_valid = Signal()
        first_gradient = Signal(signed(spec.width), reset_less=True)
        first_ends, first_last = Signal(reset_less=True), Signal(reset_less=True)
        m.d.sync += first_valid.eq(self.taken)
        with m.If(self.taken):
            m.d.sync += [
                place.eq(Mux(ends, 0, place + 1)), fresh.eq(i.last), held.eq(scale),
                true.eq(i.residue.as_signed() + amount + Cat(minus, Const(0, 1)).as_signed()),
                first_gradient.eq(i.gradient), first_ends.eq(ends), first_last.eq(i.last),
            ]  # fmt: skip
        total = Signal(signed(width + 2))
        most = (1 << spec.magnitude_width) - 1
        high, low = Signal(), Signal()
        m.d.comb += [
            total.eq(true + first_gradient), high.eq(total > most), low.eq(total < -most),
        ]  # fmt: skip
        over = Signal(reset_less=True)
        opens, opens_layer = Signal(init=1), Signal(init=1)
        so_far = Signal(spec.magnitude_width, reset_less=True)
        saturated = Signal(reset_less=True)
        kept = Signal(signed(width), name="kept_held", reset_less=True)
        gradient = Signal(signed(spec.width), name="gradient_held", reset_less=True)
        last_two = Signal(2, reset_less=True)
        m.d.sync += self.valid.eq(first_valid)
        with m.If(first_valid):
            m.d.sync += [
                kept.eq(Mux(high, most, Mux(low, -most, total))), over.eq(high | low),
                gradient.eq(first_gradient), last_two.eq(Cat(first_ends, first_last)),
            ]  # fmt: skip
        m.d.comb += [
            self.kept.eq(kept), self.gradient.eq(gradient),
            Cat(self.ends, self.last).eq(last_two),
        ]  # fmt: skip
        magnitude = Signal(spec.magnitude_width)
        before = Signal(spec.magnitude_width)
        m.d.comb += [
            magnitude.eq(Mux(self.kept[-1], -self.kept, self.kept)),
            before.eq(Mux(opens, 0, so_far)),
            self.greatest.eq(Mux(magnitude > before, magnitude, before)),
            self.saturated.eq(over | (saturated & ~opens_layer)),
        ]
        with m.If(self.valid):
            m.d.sync += [
                opens.eq(self.ends), opens_layer.eq(self.last), so_far.eq(self.greatest),
                saturated.eq(self.saturated),
            ]  # fmt: skip
        return m
