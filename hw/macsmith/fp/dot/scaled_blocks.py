"""Blocks whose scales are no powers of two: their exact sums, times the scales of both sides.

    products ─▶ exact sum of a block ─▶ magnitude ─┐
    scales   ─▶ product of significands ───────────┴─▶ [term], its exponent that of the scales

Of NVFP4 a block of 16 products is a whole number of quarters, 13 bits with its sign, and the scales
of E4M3 multiply it by 8 bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth import Const, Module, Signal, Value

from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.conditional_negate import negated
from macsmith.arith.partial_products import add_product
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.dot.lane import Product
from macsmith.fp.dot.points import DotPoint
from macsmith.fp.dot.ranges import (
    block_bits,
    block_exponents,
    block_integer_bits,
    block_sum_bits,
    block_term_bits,
    exponent_base,
    product_exponents,
    slot_bits,
)
from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.number.kulisch_grid import add_to_grid
from macsmith.fp.number.unpack import unpack
from macsmith.rtl.named_signal import wired


@dataclass(frozen=True)
class Factor:
    """What a block is multiplied by, ``significand * 2^exponent``; zero at other points.

    Members
    -------
    exponent
        Of both scales, as a term's exponent counts.
    nan
        Whether a scale is NaN.
    """

    significand: Value
    exponent: Value
    nan: Value


def factor(
    m: Module, name: str, spec: FpDotSpec, point: DotPoint, line: Value, codes: Sequence[Value]
) -> Factor:
    """Return the product of two scales, while the line of their point is up."""
    assert point.scale is not None
    fmt = point.scale.format
    a, b = (
        unpack(m, f"{name}_{side}", wired(m, f"{name}_{side}", code[:-1]), unsigned_form(fmt))
        for side, code in zip("ab", codes, strict=True)
    )
    heap = heap_of(m, spec, 2 * fmt.significand_bits, f"{name}_product")
    add_product(heap, a.significand, b.significand)
    significand = Signal(heap.width, name=f"{name}_significand")
    low, high = block_exponents(spec, point)
    exponent = Signal(range(high + 1), name=f"{name}_exponent")
    m.d.comb += [
        significand.eq(heap.sum() & line.replicate(heap.width)),
        exponent.eq(a.exponent + b.exponent + (low - 2 * fmt.subnormal)),
    ]
    return Factor(significand, exponent, wired(m, f"{name}_nan", line & (a.nan | b.nan)))


def scaled_block(
    m: Module, name: str, spec: FpDotSpec, point: DotPoint,
    products: Sequence[tuple[int, Product]], scale: Factor,
) -> Product:  # fmt: skip
    """Return the exact sum of a block's products, each with its slot, times a factor."""
    heap = heap_of(m, spec, block_sum_bits(spec, point), f"{name}_heap")
    lsb = point.a.lsb + point.b.lsb
    for index, (slot, product) in enumerate(products):
        below = lsb - (exponent_base(spec) - (slot_bits(spec, slot) - 2))
        # The exponents of this point begin above the base, which moves nothing.
        low, high = product_exponents(spec, point)
        lag = Signal(range(high - low + 1), name=f"{name}_lag{index}")
        m.d.comb += lag.eq(product.exponent - low)
        add_to_grid(m, f"{name}_term{index}", heap, product.word, product.negative, lag,
                    below - low, block_term_bits(point))  # fmt: skip
    total = wired(m, f"{name}_total", heap.sum())
    magnitude = negated(m, f"{name}_magnitude", total[:-1], total[-1])
    times = heap_of(m, spec, block_bits(spec, point), f"{name}_times", leaves=False)
    add_product(times, magnitude, scale.significand)
    word = wired(m, f"{name}_word", times.sum())
    exponent = Signal(len(scale.exponent), name=f"{name}_exponent")
    m.d.comb += exponent.eq(scale.exponent & word.any().replicate(len(exponent)))
    none = Const(0, 1)
    return Product(total[-1], word, exponent, none, none, block_integer_bits(spec, point))


def unsigned_form(fmt: NumberFormat) -> NumberFormat:
    """Return a format without its sign."""
    return NumberFormat(
        fmt.name, fmt.exponent_bits, fmt.fraction_bits, fmt.bias, fmt.first, fmt.top, signed=False
    )
