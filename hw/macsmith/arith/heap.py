"""The bit heap: a sum of weighted bits, reduced to two rows by Dadda's schedule and then added."""

from itertools import pairwise

from amaranth import Const, Module, Signal, Value, ValueLike

from macsmith.arith.adders import add_columns
from macsmith.arith.cells import add_bits

Sign = Value | bool
"""Whether something holds: known when the unit is built, or told by a control bit."""


def constant_sign(sign: Sign) -> bool | None:
    """Return what is known of a sign when the unit is built, or None for a control bit."""
    if isinstance(sign, Const):
        return bool(sign.value)
    return sign if isinstance(sign, bool) else None


FULL_ADDER_SUM, FULL_ADDER_CARRY = 2, 1
"""Arrival of a full adder's outputs after its inputs, in XOR delays."""


def dadda_heights(height: int) -> list[int]:
    """Return the column heights to reduce to, in turn, from ``height`` down to 2.

    >>> dadda_heights(8)
    [6, 4, 3, 2]
    """
    targets = [2]
    while targets[-1] * 3 // 2 < height:
        targets.append(targets[-1] * 3 // 2)
    return targets[::-1] if height > 2 else []


class BitHeap:
    """A sum of bits modulo ``2 ** width``, each bit with a weight and a sign.

    A negative bit ``-b 2^w`` enters as ``(1 - b) 2^w - 2^w``: inverted, and its constant is folded
    with the others (Baugh and Wooley, 1973). Where a control bit decides the sign, the constant
    is that control bit in the columns where it is due. No sign is ever extended by copies.

    Parameters
    ----------
    m:
        The module that receives the adder cells.
    width:
        Bits of the sum.
    name:
        Prefix of the cells' names.
    """

    def __init__(self, m: Module, width: int, name: str) -> None:
        self.m, self.width, self.name = m, width, name
        self._columns: list[list[tuple[int, Value]]] = [[] for _ in range(width)]
        self._constant = 0
        self._conditional: dict[int, tuple[Value, int]] = {}
        self._cells = 0

    def add(self, bit: ValueLike, weight: int, negative: Sign = False, arrival: int = 0) -> None:
        """Add ``bit * 2^weight``, negated if ``negative``, known to arrive after ``arrival``."""
        if weight >= self.width:
            return
        bit = Value.cast(bit)
        known = constant_sign(negative)
        if known is None:
            bit = bit ^ negative
        elif known:
            bit = ~bit
        self.add_constant(-1 << weight, when=negative)
        self._columns[weight].append((arrival, bit))

    def add_constant(self, constant: int, when: Sign = True) -> None:
        """Add a constant, while ``when`` is set."""
        known = constant_sign(when)
        if known is not None:
            self._constant += constant * known
        elif not isinstance(when, bool):
            _, total = self._conditional.get(id(when), (when, 0))
            self._conditional[id(when)] = (when, total + constant)

    def add_word(self, word: Value, weight: int = 0, arrival: int = 0) -> None:
        """Add a word; a signed one has its top bit negative."""
        signed = word.shape().signed
        for index in range(len(word)):
            top = signed and index == len(word) - 1
            self.add(word[index], weight + index, negative=top, arrival=arrival)

    def sum(self) -> Value:
        """Reduce the heap and add its last two rows; return the sum, ``width`` bits."""
        self._gather_constants()
        for target in dadda_heights(max(map(len, self._columns), default=0)):
            self._reduce(target)
        columns = [[bit for _, bit in column] for column in self._columns]
        total = Signal(self.width, name=f"{self.name}_sum")
        self.m.d.comb += total.eq(add_columns(self.m, self.name, columns)[0])
        return total

    def _gather_constants(self) -> None:
        """Put the folded constants into their columns."""
        for control, total in self._conditional.values():
            for weight in _set_bits(total, self.width):
                self._columns[weight].append((0, control))
        for weight in _set_bits(self._constant, self.width):
            self._columns[weight].append((0, Const(1, 1)))

    def _reduce(self, target: int) -> None:
        """Bring every column to at most ``target`` bits, the earliest bits first."""
        for column, above in pairwise([*self._columns, []]):
            while len(column) > target:
                column.sort(key=lambda entry: entry[0])
                count = 2 if len(column) == target + 1 else 3
                taken, column[:count] = column[:count], []
                ready = max(arrival for arrival, _ in taken)
                total, carry = self._compress([bit for _, bit in taken])
                column.append((ready + FULL_ADDER_SUM, total))
                above.append((ready + FULL_ADDER_CARRY, carry))

    def _compress(self, bits: list[Value]) -> tuple[Value, Value]:
        """Add two or three bits of one column; a constant one costs no adder cell."""
        live = [bit for bit in bits if not isinstance(bit, Const)]
        ones = len(bits) - len(live)
        name = f"{self.name}_{self._cells}"
        self._cells += 1
        if ones == 0:
            return add_bits(self.m, name, live)
        total, carry = Signal(name=f"{name}_s"), Signal(name=f"{name}_co")
        if len(live) == 2:
            self.m.d.comb += [total.eq(~(live[0] ^ live[1])), carry.eq(live[0] | live[1])]
        else:
            self.m.d.comb += [total.eq(live[0] ^ (ones & 1)), carry.eq(live[0] | (ones >> 1))]
        return total, carry


def _set_bits(value: int, width: int) -> list[int]:
    """Return the positions of the ones of ``value`` modulo ``2 ** width``."""
    return [bit for bit in range(width) if value >> bit & 1]
