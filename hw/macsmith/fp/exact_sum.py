"""The exact sum of products, on a grid of fixed point that holds all of them (Kulisch)."""

from collections.abc import Sequence

from amaranth import Cat, Const, Module, Signal, signed

from macsmith.arith.barrel_shift import shifted_left
from macsmith.arith.conditional_negate import negated_rows
from macsmith.fp.lane import Product, heap_of
from macsmith.fp.ranges import exponent_base, term_bits
from macsmith.fp.spec import FpDotSpec


def exact_sum(m: Module, spec: FpDotSpec, lanes: Sequence[Sequence[Product]]) -> Signal:
    """Return the sum of all products in units of the grid, which cannot overflow."""
    heap = heap_of(m, spec, spec.grid_bits, "grid")
    for lane, products in enumerate(lanes):
        for slot, product in enumerate(products):
            name = f"term{lane}_{slot}"
            # The grid's lowest bit is so far above the word's at exponent 0, where no product is.
            below = spec.grid_lsb - (exponent_base(spec) - (len(product.word) - 2))
            width = term_bits(spec, slot)
            placed = shifted_left(
                m, f"{name}_placed", product.word, product.exponent, below + width
            )
            magnitude = Signal(width, name=f"{name}_magnitude")
            m.d.comb += magnitude.eq(Cat(Const(0, max(0, -below)), placed[max(0, below) :]))
            heap.add_rows(negated_rows(m, name, magnitude, product.negative))
    total = Signal(signed(spec.grid_bits), name="grid_total")
    m.d.comb += total.eq(heap.sum())
    return total
