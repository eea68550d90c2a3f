"""One array of significands that multiplies integers too, in bricks of 4 by 4 bits.

    row 2 │ 16 │ 12 │  8 │     the nine bricks of two significands of up to 12 bits, and the weights
    row 1 │ 12 │  8 │  4 │     of their products; those of the antidiagonal add up integers as they
    row 0 │  8 │  4 │  0 │     lie, the sums of other weights are moved to it
            2    1    0  column

A brick has the digits of significands on its row and its column, or an operand of integers of its
own (divide and conquer: Camus et al., JETCAS 2019). What integers need beyond nine bricks is added.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from amaranth import Cat, Const, Module, Signal, Value
from amaranth.lib.wiring import In

from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.onehot_mux import Bit, any_of
from macsmith.fp.dot.lane import Lane
from macsmith.fp.fp_int.int_bricks import (
    NEGATIVE,
    POSITIVE,
    BrickMode,
    SignedSum,
    gated_in_pairs,
    sign_of,
)
from macsmith.fp.fp_int.spec import NIBBLE, FpIntSpec
from macsmith.rtl.named_signal import wired

_ADDED = 6
"""When the sum of a group of bricks is known, in XOR delays."""


class MergedArray(Lane):
    """The products of a lane, of floating point and of integers, without a register.

    Parameters
    ----------
    pe:
        The unit.

    Members
    -------
    int_line : In(2)
        Up for INT4 and for INT2, when no line of a point is.
    int_a, int_b : In(pe.int_bits)
        Integers, zero at other points; of INT2 the halves of each nibble of ``int_b`` have changed
        places.
    word_0
        Of integers their sum, from bit ``int_place`` up, extended to its top.
    """

    int_line: Signal
    int_a: Signal
    int_b: Signal

    def __init__(self, pe: FpIntSpec) -> None:
        self.pe = pe
        self.rows = -(-pe.dot.a_significand // NIBBLE)
        self.spare = NIBBLE * self.rows - pe.dot.a_significand
        self.weight = NIBBLE * (self.rows - 1)
        super().__init__(pe.dot)

    @property
    def int_place(self) -> int:
        """The place of the sum of integers in the word of slot 0."""
        return self.weight - 2 * self.spare

    def more_ports(self) -> dict[str, Any]:
        bits = self.pe.int_bits
        return {"int_line": In(2), "int_a": In(bits), "int_b": In(bits)}

    def more_words(self, product: Value) -> list[tuple[Value, list[Bit]]]:
        width = 2 * self.pe.dot.a_significand
        below: list[Bit] = [0] * self.int_place
        whole = list(product[2 * self.spare :])
        # Of pairs the sum comes times four.
        quarter = [*below, *product[self.weight + 2 :], product[-1], product[-1]]
        return [(self.int_line[0], whole), (self.int_line[1], quarter[:width])]

    def _product(self, m: Module, a: Value, b: Value) -> Value:
        """Return the products of all slots side by side, the first at the top.

        Of integers the sum, from the weight of the antidiagonal up.
        """
        mode = BrickMode(wired(m, "whole", self.int_line.any()), *self.int_line)
        a, b = (Cat(Const(0, self.spare), word) for word in (a, b))
        whole = SignedSum(heap_of(m, self.pe.dot, len(a) + len(b), "product"), mode)
        gates: dict[frozenset[int], Value] = {}
        for weight, bricks in self._by_weight():
            mine = [number for _, number in bricks if number is not None]
            moved = weight != self.weight and bool(mine)
            group = self._group(m, f"group{weight}", mode, len(bricks), len(mine))
            for (row, column), number in bricks:
                name = f"brick{row}{column}"
                digits = [
                    self._digits(m, f"{name}_{side}", word, place, number, side)
                    for side, word, place in (("a", a, column), ("b", b, row))
                ]
                self._add(m, group if moved else whole, digits, (row, column),
                          0 if moved else weight, number is not None, gates)  # fmt: skip
            if moved:
                self._move(whole, group.sum(), weight)
        if extra := range(self.rows**2, self.pe.bricks):
            group = self._group(m, "extra", mode, 0, len(extra))
            group.add_bricks(self.int_a, self.int_b, extra)
            self._move(whole, group.sum(), None)
        return whole.sum()

    def _group(
        self, m: Module, name: str, mode: BrickMode, bricks: int, integers: int
    ) -> SignedSum:
        """Return an empty sum that holds those of bricks, and of products of integers."""
        bits = max((bricks * 225).bit_length(), (64 * integers).bit_length() + 1)
        return SignedSum(heap_of(m, self.pe.dot, bits, name), mode)

    def _by_weight(self) -> Iterator[tuple[int, list[tuple[tuple[int, int], int | None]]]]:
        """Yield the bricks of each weight, each with its row, column and number for integers.

        Those of the antidiagonal take integers first, then those next to it.
        """
        places = [(row, column) for row in range(self.rows) for column in range(self.rows)]
        places.sort(key=lambda place: abs(sum(place) - self.rows + 1))
        numbered = [(place, at if at < self.pe.bricks else None) for at, place in enumerate(places)]
        for index in range(2 * self.rows - 1):
            yield NIBBLE * index, [one for one in numbered if sum(one[0]) == index]

    def _digits(
        self, m: Module, name: str, word: Value, place: int, number: int | None, side: str
    ) -> Value:
        """Return what a brick multiplies: a digit of a significand, or of integers its own."""
        digit = word.word_select(place, NIBBLE)
        if number is None:
            return digit
        own = self.int_a if side == "a" else self.int_b
        return wired(m, name, digit | own.word_select(number, NIBBLE))

    def _add(
        self, m: Module, total: SignedSum, digits: Sequence[Value], place: tuple[int, int],
        weight: int, integers: bool, gates: dict[frozenset[int], Value],
    ) -> None:  # fmt: skip
        """Add a brick to a sum; bits of different slots do not meet."""
        a, b = digits
        for row in range(NIBBLE):
            for column in range(NIBBLE):
                at = NIBBLE * place[0] + row - self.spare, NIBBLE * place[1] + column - self.spare
                if not integers and min(at) < 0:
                    continue
                bit = a[column] & b[row]
                apart = self._apart(*at) if min(at) >= 0 else frozenset()
                if apart:
                    if apart not in gates:
                        lines = any_of([self.line[one] for one in sorted(apart)])
                        gates[apart] = wired(m, f"gate{len(gates)}", ~lines)
                    bit = bit & gates[apart]
                if integers and gated_in_pairs(row, column):
                    bit = bit & ~total.mode.pairs
                sign = sign_of(row, column) if integers else POSITIVE
                total.add(bit, weight + row + column, sign)

    def _apart(self, row: int, column: int) -> frozenset[int]:
        """Return the points at which two bits of significands belong to different numbers."""
        most_a, most_b = self.pe.dot.a_significand, self.pe.dot.b_significand
        found = set()
        for index, point in enumerate(self.pe.dot.points):
            slots = self._slots_at(point, most_a - 1 - column, most_b - 1 - row)
            if slots[0] != slots[1] and max(slots) < self.pe.dot.slots(point):
                found.add(index)
        return frozenset(found)

    def _move(self, total: SignedSum, group: Value, weight: int | None) -> None:
        """Add a group's sum at its weight; of integers at that of the antidiagonal.

        Without a weight it is of integers alone. Their top bit is negative.
        """
        whole, top = total.mode.whole, len(group) - 1
        terms: dict[int, list[Value]] = {}
        for place, bit in enumerate(group):
            if weight is not None:
                terms.setdefault(weight + place, []).append(bit & ~whole)
            if place < top:
                terms.setdefault(self.weight + place, []).append(bit & whole)
        for place, bits in terms.items():
            total.add(any_of(bits), place, arrival=_ADDED)
        total.add(group[top] & whole, self.weight + top, NEGATIVE, arrival=_ADDED)
