"""Words whose sign a control bit decides: ``-x = ~x + 1``."""

from amaranth import Cat, Const, Module, Signal, Value, signed

from macsmith.arith.bit_heap import Rows
from macsmith.arith.compressor_tree import Bit

_GROUP = 3
"""Bits that share a link of the chain; 3 maps to the least area."""


def negated(m: Module, name: str, word: Value, negative: Value) -> Signal:
    """Return ``-word`` if ``negative``, else ``word``, as wide as that.

    A bit is inverted if there is a one below it: the increment of ``~x + 1`` needs no adder.
    """
    result = Signal(word.shape(), name=name)
    bits = []
    some: Value = Const(0, 1)
    for low in range(0, len(word), _GROUP):
        group = word[low : low + _GROUP]
        for place, bit in enumerate(group):
            flip = Signal(name=f"{name}_flip{low + place}")
            m.d.comb += flip.eq(some | (negative & group[:place].any()) if place else some)
            bits.append(bit ^ flip)
        above = Signal(name=f"{name}_some{low}")
        m.d.comb += above.eq(some | (negative & group.any()))
        some = above
    m.d.comb += result.eq(Cat(bits))
    return result


def negated_rows(m: Module, name: str, word: Value, negative: Value) -> Rows:
    """Return the same for a heap: inverted bits, and the one that is missing as a bit of its own.

    An unsigned word gets ``negative`` as its sign.
    """
    signed_word = word.shape().signed
    inverted = Signal(signed(len(word) + (not signed_word)), name=name)
    flipped = word ^ negative.replicate(len(word))
    m.d.comb += inverted.eq(flipped if signed_word else Cat(flipped, negative))
    rows = Rows.of(inverted)
    return Rows(((*rows.columns[0], Bit(0, negative)), *rows.columns[1:]), rows.constant)
