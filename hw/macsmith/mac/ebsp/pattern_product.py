"""A pattern times an activation: what stands in the place of a multiplier.

    digits-4, digits-2   a table of each digit of the activation, indexed by digit and pattern, and
                         the adders that put the entries together
    whole                one table of the whole activation
    bank                 the odd multiples of the activation, which weights in a row share, and a
                         multiplexer a weight
    signed-digits        radix-4 Booth digits of the pattern (Booth, 1951; MacSorley, 1961), each a
                         row: no adder at all
    shared-rows          rows of the whole magnitude, one for all places that are a multiple of the
                         window's length apart: a window holds only one of them
    dual-window          one table, of the activation's window and the pattern: approximate

What a table holds is constant, so it is a network of gates: the partial products of digit and
pattern, added. Written out as a table, logic synthesis makes a larger one of it.
"""

from collections.abc import Callable, Sequence

from amaranth import Cat, Const, Module, Shape, Signal, Value

from macsmith.arith.bit_heap import BitHeap
from macsmith.arith.onehot_mux import decode, select
from macsmith.arith.onehot_shift import moved
from macsmith.arith.partial_products import add_product
from macsmith.rtl.named_signal import number, wired

Heap = Callable[[int, str], BitHeap]
"""Makes an empty heap of a width and a name."""


def by_digits(m: Module, name: str, heap: Heap, act: Value, pattern: Value, digit: int) -> Signal:
    """Return ``act * pattern`` from tables of digits of so many bits, the lowest first."""
    is_signed = act.shape().signed
    width = len(act) + len(pattern)
    total = heap(width, f"{name}_sum")
    for low in range(0, len(act), digit):
        part = act[low : low + digit]
        top = low + digit >= len(act)
        entry = _table(m, f"{name}_entry{low}", heap, part, pattern, is_signed and top)
        total.add_word(entry, low)
    return number(m, name, total.sum(), is_signed)


def _table(
    m: Module, name: str, heap: Heap, digit: Value, pattern: Value, is_signed: bool
) -> Signal:
    """Return the entry for a digit and a pattern, their product."""
    entry = heap(len(digit) + len(pattern), name)
    add_product(entry, digit, pattern, act_sign=is_signed)
    return number(m, f"{name}_word", entry.sum(), is_signed)


def bank(m: Module, name: str, heap: Heap, act: Value, length: int) -> list[Signal]:
    """Return the odd multiples 1, 3, 5, ... 2^length - 1 of an activation, one adder each.

    ``2^n - 1`` times it is a difference; another one is a shorter multiple and a shifted act.
    """
    is_signed = act.shape().signed
    multiples: dict[int, Signal] = {}
    for odd, width in multiple_widths(len(act), length).items():
        total = heap(width, f"{name}_{odd}_sum")
        if odd == 1:
            word: Value = act
        else:
            top = odd.bit_length() - 1
            if odd + 1 == 2 << top:
                total.add_word(act, top + 1)
                for place, bit in enumerate(act):
                    total.add(bit, place, negative=not (is_signed and place == len(act) - 1))
            else:
                total.add_word(act, top)
                total.add_word(multiples[odd - (1 << top)])
            word = total.sum()
        multiples[odd] = number(m, f"{name}_{odd}", word[:width], is_signed)
    return list(multiples.values())


def shared_rows(
    m: Module, name: str, heap: Heap, act: Value, magnitude: Value, length: int
) -> Signal:
    """Return ``act * magnitude`` of a magnitude whose ones lie in a window of ``length`` bits.

    The sum is made of inverted bits, ``~x = -x - 1``: a NAND of operands needs no inverters in
    front, and the exclusive OR that later applies the sign takes either form.
    """
    is_signed = act.shape().signed
    total = heap(len(act) + len(magnitude), f"{name}_sum")
    total.add_constant(-1)
    for low in range(length):
        row = moved(m, f"{name}_row{low}", act, list(magnitude[low::length]), length)
        for place, bit in enumerate(row, low):
            is_top = place == low + len(row) - 1
            total.add(bit, place, negative=not (is_signed and is_top))
    return number(m, name, ~wired(m, f"{name}_inverted", total.sum()), is_signed)


def multiple_widths(act_width: int, length: int) -> dict[int, int]:
    """Return the bits of each odd multiple of a bank."""
    odds = range(1, 1 << length, 2)
    return {odd: act_width + (odd.bit_length() if odd > 1 else 0) for odd in odds}


def from_bank(m: Module, name: str, multiples: Sequence[Value], pattern: Value) -> Signal:
    """Return ``act * pattern``: of each pattern the multiple of its odd part, moved."""
    act, *_ = multiples
    width, is_signed = len(act) + len(pattern), act.shape().signed
    choices = []
    for times in range(1 << len(pattern)):
        twos = (times & -times).bit_length() - 1 if times else 0
        word = multiples[times >> twos + 1] if times else Const(0, 1)
        shifted = Signal(Shape(width, is_signed), name=f"{name}_times{times}")
        m.d.comb += shifted.eq(word << twos)
        choices.append([0] * width if not times else list(shifted))
    lines = decode(m, pattern, len(choices), f"{name}_lines")
    return number(m, name, select(lines, choices), is_signed)


def signed_digits(
    m: Module, name: str, act: Value, pattern: Value
) -> list[tuple[Signal, Value, int]]:
    """Return ``act * pattern`` as rows: a word, whether it counts negative, and its place.

    Digit i is ``b(2i-1) + b(2i) - 2 b(2i+1)``, -2 to 2, of the pattern's bits b.
    """
    zero = Const(0, 1)
    bits = [zero, *pattern, zero, zero]
    rows = []
    is_signed = act.shape().signed
    ends = [*act, act[-1] if is_signed else zero]
    for low in range(0, len(pattern), 2):
        below, bit, above = bits[low : low + 3]
        one = Signal(name=f"{name}_one{low}")
        two = Signal(name=f"{name}_two{low}")
        m.d.comb += [one.eq(below ^ bit), two.eq((above ^ bit) & ~one)]
        word = Signal(Shape(len(act) + 1, is_signed), name=f"{name}_row{low}")
        m.d.comb += word.eq(
            Cat(
                (same & one) | (under & two) for same, under in zip(ends, [zero, *act], strict=True)
            )
        )
        rows.append((word, above, low))
    if len(pattern) % 2 == 0:
        # The digit above the top bit is that bit: 0 or 1.
        word = Signal(act.shape(), name=f"{name}_row{len(pattern)}")
        m.d.comb += word.eq(act & pattern[-1].replicate(len(act)))
        rows.append((word, zero, len(pattern)))
    return rows
