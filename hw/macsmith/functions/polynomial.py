"""Piecewise polynomials: a table by the high bits of an argument, then steps of multiply and add.

         argument ──┬── high bits ─▶ table ─▶ C_d ── ... ── C_1 ──── C_0
                    │                          │             │        │
                    └── low bits ──────────────×─ cut ─▶ [+] ×─ cut ─▶ + ─▶ [value]

A step is one bit heap: the rows of the product, the next coefficient, and what the table leaves out
of it because all segments share it. What is cut is the low bits of the heap's sum.
"""

from collections.abc import Sequence

from amaranth import Cat, Const, Module, Signal, Value, signed

from macsmith.arith.chosen_heap import Adding, heap_of
from macsmith.arith.partial_products import add_product
from macsmith.fp.dot.stage import Stage
from macsmith.functions.fit.table import Column, Table


def evaluated(
    m: Module, name: str, how: Adding, table: Table, word: Value, stages: Sequence[Stage]
) -> Value:
    """Return the value of a table at an argument, in a register of the last stage.

    Parameters
    ----------
    word:
        The argument.
    stages:
        The one that takes what the table holds, and one for each step.
    """
    steps = table.steps
    lookup, *following = stages
    within, index = word[: steps.bits], word[steps.bits :]
    words = [
        held(lookup, f"{name}_c{at}", looked_up(m, f"{name}_rom{at}", column, index))
        for at, column in enumerate(table.columns)
    ]
    argument: Value = lookup.register(f"{name}_within", within)
    total = _top(m, name, table.columns[-1], words.pop())
    for step, stage in zip(range(steps.degree, 0, -1), following, strict=True):
        place = steps.shift(step)
        above = place + (steps.units[0] if step == 1 else 0)
        low, high = table.ranges[step - 1]
        width = max(low.bit_length(), high.bit_length()) + (low < 0)
        column = table.columns[step - 1]
        heap = heap_of(m, how, width + place, f"{name}_step{step}")
        factor = argument[steps.dropped[step - 1] :]
        add_product(heap, factor, total, weight_sign=total.shape().signed)
        heap.add_word(words.pop(), above)
        heap.add_constant(column.base << above)
        kept = heap.sum()[place:]
        total = stage.register(f"{name}_r{step - 1}", kept.as_signed() if low < 0 else kept)
        if words:
            argument = stage.register(f"{name}_within", argument)
            words = [held(stage, f"{name}_c{at}", one) for at, one in enumerate(words)]
    return total


def held(stage: Stage, name: str, word: Value) -> Value:
    """Return a word as a stage holds it, a constant as it is."""
    return word if isinstance(word, Const) else stage.register(name, word)


def looked_up(m: Module, name: str, column: Column, index: Value) -> Value:
    """Return a coefficient as it is stored, each bit a constant of a bit a segment."""
    rows = [(one - column.base) % (1 << column.bits) for one in column.values]
    if len(rows) == 1 or not column.bits:
        return Const(rows[0], column.bits)
    stored = Signal(column.bits, name=name)
    for place in range(column.bits):
        truth = sum((row >> place & 1) << at for at, row in enumerate(rows))
        m.d.comb += stored[place].eq(Const(truth, len(rows)).bit_select(index, 1))
    return stored


def _top(m: Module, name: str, column: Column, stored: Value) -> Value:
    """Return the highest coefficient as a number."""
    if column.signed:
        return stored.as_signed()
    if not column.inverted:
        return stored
    number = Signal(signed(column.bits + 1), name=f"{name}_top")
    # The sign is the same in all segments.
    m.d.comb += number.eq(Cat(stored, Const(1, 1)).as_signed())
    return number
