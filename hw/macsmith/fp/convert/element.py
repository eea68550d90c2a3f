"""One element: a number of any format, moved by a scale, rounded to another format."""

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.conditional_negate import negated
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.convert.fp8_scale import quotient_code, scaled_number
from macsmith.fp.convert.spec import FpConvertSpec
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.rounding import Rounded, rounded_magnitude
from macsmith.fp.number.unpack import Unpacked, first_exponent, unpack

SCALES = range(-127, 128)
"""Exponents of scales that are numbers."""


class Element(wiring.Component):
    """A converter of one element, without a register.

    Parameters
    ----------
    spec:
        The unit.

    Members
    -------
    x : In
        A code of the source, or a fixed-point number.
    scale : In(8)
        Of the block that it comes from or goes to, a code of E8M0 or of E4M3; absent without
        blocks.
    y : Out
        The code of the target.
    """

    clocked = False

    x: Signal
    scale: Signal
    y: Signal

    def __init__(self, spec: FpConvertSpec) -> None:
        self.spec = spec
        ports = {"x": In(spec.of.width), "y": Out(spec.to.width)}
        if spec.of.scale is not None or spec.to.scale is not None:
            ports["scale"] = In(8)
        super().__init__(ports)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, fmt = self.spec, self.spec.to.format
        assert fmt is not None
        one, lsb = self._taken(m)
        if spec.of.scale is not None and spec.of.scale.name == "nv":
            assert spec.of.format is not None
            one, lsb = scaled_number(m, one, spec.of.format, self.scale, spec.of.scale.format)
        elif spec.to.scale is not None and spec.to.scale.name == "nv":
            code = quotient_code(m, one, lsb, self.scale, spec.to.scale.format, spec.rounding)
            # A block whose scale is NaN has zeros.
            m.d.comb += self.y.eq(Mux(self.scale[:-1].all(), 0, Cat(code, one.negative)))
            return m
        nan: Value = one.nan
        inf: Value = one.inf
        if spec.of.scale is not None and spec.of.scale.name == "mx":
            # A block whose scale is NaN has no number in it.
            nan = nan | self.scale.all()
            lsb = self._moved(m, lsb, 1)
        elif spec.to.scale is not None:
            # Nor has one with NaN or infinity: its elements are zeros.
            nan, inf = self.scale.all(), Const(0, 1)
            lsb = self._moved(m, lsb, -1)
        number = rounded_magnitude(
            m, "number", one.significand, one.negative, lsb, fmt, spec.rounding,
            min(spec.beyond, fmt.magnitudes - 1),
        )  # fmt: skip
        m.d.comb += self.y.eq(self._code(m, fmt, number, nan, inf))
        return m

    def _taken(self, m: Module) -> tuple[Unpacked, Exponent]:
        """Return what comes in, and the exponent of its lowest bit."""
        of = self.spec.of
        if of.format is None:
            none, negative = Const(0, 1), self.x[-1]
            magnitude = negated(m, "magnitude", self.x, negative)
            return Unpacked(negative, none, magnitude, none, none), Exponent.constant(-of.point)
        one = unpack(m, "taken", self.x, of.format)
        if of.format.integer:
            return one, Exponent.constant(of.format.lsb)
        field = Exponent(one.exponent, 0, (1 << of.format.exponent_bits) - 1)
        return one, field.plus(m, "lsb", of.format.lsb - first_exponent(of.format))

    def _moved(self, m: Module, lsb: Exponent, sign: int) -> Exponent:
        """Return an exponent times a scale, or by it."""
        low, high = lsb.low + SCALES[0], lsb.high + SCALES[-1]
        moved = Signal(range(low, high + 1), name="scaled_lsb")
        m.d.comb += moved.eq(
            lsb.value + self.scale - 127 if sign > 0 else lsb.value + 127 - self.scale
        )
        return Exponent(moved, low, high)

    def _code(self, m: Module, fmt: NumberFormat, number: Rounded, nan: Value, inf: Value) -> Value:
        """Return the code of a number, of NaN or of infinity."""
        beyond = self.spec.beyond
        if beyond >= fmt.magnitudes:
            # The one code of NaN is that of a negative zero.
            nan, beyond = nan | inf | number.over, 0
        size = Signal(fmt.width - 1, name="size")
        m.d.comb += size.eq(Mux(inf, beyond, number.code))
        if fmt.integer:
            signed = Signal(fmt.width, name="signed")
            m.d.comb += signed.eq(Mux(number.negative, -size, size))
            finite: Value = signed
        else:
            # Without a negative zero, its code is NaN's.
            sign = number.negative if fmt.negative_zero == "zero" else number.negative & size.any()
            finite = Cat(size, sign)
        in_block = self.spec.to.scale is not None
        undefined = 0 if fmt.nan is None or in_block else fmt.nan
        return Mux(nan, Const(undefined, fmt.width), finite)
