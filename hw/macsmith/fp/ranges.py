"""Exponents and magnitudes that terms of a dot product may have, known when a unit is built."""

from dataclasses import dataclass

from amaranth import Const, Module, Signal, Value

from macsmith.contract.number_format import NumberFormat
from macsmith.fp.points import DotPoint
from macsmith.fp.spec import FpDotSpec, greatest_significand
from macsmith.fp.unpack import first_exponent

NO_SCALE = 254
"""The sum of two scales of E8M0 that leaves products as they are."""


@dataclass(frozen=True)
class Exponent:
    """A power of two: a number in two's complement, from ``low`` to ``high``."""

    value: Value
    low: int
    high: int

    @classmethod
    def constant(cls, number: int) -> "Exponent":
        """Return one that never changes."""
        return cls(Const(number), number, number)

    def plus(self, m: Module, name: str, offset: int) -> "Exponent":
        """Return the exponent greater by a constant."""
        low, high = self.low + offset, self.high + offset
        if low == high:
            return Exponent.constant(low)
        total = Signal(range(low, high + 1), name=name)
        m.d.comb += total.eq(self.value + offset)
        return Exponent(total, low, high)


def bits_for(number: int) -> int:
    """Return the bits of numbers from zero up to one, 1 at least."""
    return max(1, number.bit_length())


def has_scales(spec: FpDotSpec, name: str) -> bool:
    """Return whether blocks of some point have scales of this kind."""
    return any(point.scale is not None and point.scale.name == name for point in spec.points)


def least_product_exponent(point: DotPoint) -> int:
    """Return the least exponent of a product, of 2^0 of its significand in [0, 4)."""
    return point.a.lsb + point.a.fraction_bits + point.b.lsb + point.b.fraction_bits


def exponent_base(spec: FpDotSpec) -> int:
    """Return what exponents of products count from, without scales: nothing need be subtracted."""
    return min(
        least_product_exponent(point) - first_exponent(point.a) - first_exponent(point.b)
        for point in spec.points
    )


def product_exponents(spec: FpDotSpec, point: DotPoint) -> tuple[int, int]:
    """Return the least and the greatest exponent of a product of a point, above the base."""
    low = least_product_exponent(point) - exponent_base(spec)
    return low, low + point.a.span + point.b.span


def greatest_exponent(spec: FpDotSpec) -> int:
    """Return the greatest exponent of a product of all points, above the base."""
    return max(product_exponents(spec, point)[1] for point in spec.points)


def slot_bits(spec: FpDotSpec, slot: int) -> int:
    """Return the bits of a product in a slot, of the widest point that has it."""
    return max(
        point.a.significand_bits + point.b.significand_bits
        for point in spec.points
        if slot < spec.slots(point)
    )


def term_bits(spec: FpDotSpec, slot: int) -> int:
    """Return the bits of the greatest product in a slot, in units of the exact grid."""
    most = 0
    for point in spec.points:
        if slot < spec.slots(point):
            product = 1 << point.a.lsb + point.b.lsb - spec.grid_lsb
            for fmt in (point.a, point.b):
                product *= greatest_significand(fmt) << fmt.span
            most = max(most, product)
    return most.bit_length()


def acc_base(fmt: NumberFormat) -> int:
    """Return what exponents of an accumulator count from, of 2^0 of a significand in [1, 2)."""
    return fmt.lsb + fmt.fraction_bits - first_exponent(fmt)
