"""Exponents and magnitudes that terms of a dot product may have, known when a unit is built."""

from math import prod

from macsmith.contract.number_format import NumberFormat
from macsmith.fp.dot.points import DotPoint, greatest_significand
from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.number.unpack import first_exponent

NO_SCALE = 254
"""The sum of two scales of E8M0 that leaves products as they are."""


def has_scales(spec: FpDotSpec, name: str) -> bool:
    """Return whether blocks of some point have scales of this kind."""
    return any(point.scale is not None and point.scale.name == name for point in spec.points)


def least_product_exponent(point: DotPoint) -> int:
    """Return the least exponent of a product, of 2^0 of its significand in [0, 4)."""
    return point.a.lsb + point.a.fraction_bits + point.b.lsb + point.b.fraction_bits


def exponent_base(spec: FpDotSpec) -> int:
    """Return what exponents of terms count from, without scales of powers of two.

    Nothing need be subtracted from any exponent to get there.
    """
    bases = [
        least_product_exponent(point) - first_exponent(point.a) - first_exponent(point.b)
        for point in spec.points
    ]
    if (blocks := spec.scaled_point) is not None:
        bases.append(_block_exponent(blocks) - 2 * first_exponent(_scale(blocks)))
    return min(bases)


def product_exponents(spec: FpDotSpec, point: DotPoint) -> tuple[int, int]:
    """Return the least and the greatest exponent of a product of a point, above the base."""
    low = least_product_exponent(point) - exponent_base(spec)
    return low, low + point.a.span + point.b.span


def greatest_exponent(spec: FpDotSpec) -> int:
    """Return the greatest exponent of a product of all points, above the base."""
    return max(product_exponents(spec, point)[1] for point in spec.points)


def _most(point: DotPoint) -> int:
    """Return the greatest product of a point, in units of its least."""
    return prod(greatest_significand(fmt) << fmt.span for fmt in (point.a, point.b))


def _scale(point: DotPoint) -> NumberFormat:
    assert point.scale is not None
    return point.scale.format


def _block_exponent(point: DotPoint) -> int:
    """Return the least exponent of a block that has been scaled, that of the scales alone."""
    return 2 * (_scale(point).lsb + _scale(point).fraction_bits)


def block_exponents(spec: FpDotSpec, point: DotPoint) -> tuple[int, int]:
    """Return the least and the greatest exponent of a scaled block, above the base."""
    low = _block_exponent(point) - exponent_base(spec)
    return low, low + 2 * _scale(point).span


def greatest_term_exponent(spec: FpDotSpec) -> int:
    """Return the greatest exponent of what is added, products and scaled blocks, above the base."""
    point = spec.scaled_point
    blocks = 0 if point is None else block_exponents(spec, point)[1]
    return max(greatest_exponent(spec), blocks)


def block_term_bits(point: DotPoint) -> int:
    """Return the bits of the greatest product of a block, in units of the least."""
    return _most(point).bit_length()


def block_sum_bits(spec: FpDotSpec, point: DotPoint) -> int:
    """Return the bits of the sum of a block's products in two's complement."""
    count = spec.products_at(point) // spec.blocks(point)
    return 1 + (count * _most(point)).bit_length()


def block_bits(spec: FpDotSpec, point: DotPoint) -> int:
    """Return the bits of a scaled block's magnitude."""
    return block_sum_bits(spec, point) - 1 + 2 * _scale(point).significand_bits


def block_integer_bits(spec: FpDotSpec, point: DotPoint) -> int:
    """Return how many of these are above 2^0 of the scales' significands."""
    return block_bits(spec, point) + point.a.lsb + point.b.lsb - 2 * _scale(point).fraction_bits


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
            most = max(most, _most(point) << point.a.lsb + point.b.lsb - spec.grid_lsb)
    return most.bit_length()


def acc_base(fmt: NumberFormat) -> int:
    """Return what exponents of an accumulator count from, of 2^0 of a significand in [1, 2)."""
    return fmt.lsb + fmt.fraction_bits - first_exponent(fmt)
