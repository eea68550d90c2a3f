"""What each net of a module is: an expression that stands where it is read, or a net of its own."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property

from macsmith.rtl_text.parsed.bit_uses import Directions, driven_by_cells, is_output, targets_of
from macsmith.rtl_text.parsed.modules import (
    ANY,
    CLOCKED,
    ONE,
    ZERO,
    Assign,
    Bit,
    Bits,
    Cell,
    RtlModule,
    Statement,
    runs,
)
from macsmith.rtl_text.tidying.registers import Block
from macsmith.rtl_text.words.choices import chosen
from macsmith.rtl_text.words.expressions import (
    Constant,
    Expression,
    Reference,
    concatenate,
)
from macsmith.rtl_text.words.operators import OPERATORS, Operators, operand_of


class Nets:
    """The nets of a module, after its bits have their names and its registers are taken out.

    Parameters
    ----------
    blocks:
        Its registers.
    """

    def __init__(self, module: RtlModule, directions: Directions, blocks: list[Block]) -> None:
        self.module, self.directions, self.blocks = module, directions, blocks
        self._cells: dict[Bit, tuple[Cell, int]] = {}
        for cell, _, bits in driven_by_cells(module, directions):
            if not cell.is_instance and cell.kind not in CLOCKED:
                self._cells |= {bit: (cell, place) for place, bit in enumerate(bits)}
        self._processes = {
            bit: process
            for process in module.processes
            for target in targets_of(process)
            for bit in target
        }
        self._sources = module.sources
        self._words = {
            tuple(self._sources.get(bit, bit) for bit in wire.bits): wire
            for wire in module.wires.values()
            if wire.is_well_named and wire.width > 1
        }
        self._operators = Operators(self.operand, self._inverse_of)
        self._inlined = self._choose()

    @cached_property
    def own(self) -> set[str]:
        """The nets without a name that are nets of their own."""
        driven = {name for name, _ in (*self._cells, *self._processes, *self._sources)}
        return {
            name
            for name, wire in self.module.wires.items()
            if not wire.is_named and name in driven and name not in self._inlined
        }

    def reads(self) -> Iterator[tuple[str, Bits]]:
        """Yield the words that each net is computed from."""
        for cell, _, bits in driven_by_cells(self.module, self.directions):
            for port, word in cell.ports.items():
                if not is_output(cell, port, self.directions):
                    yield bits[0][0], word
        for process in self.module.processes:
            (first, *_), *_ = targets_of(process)
            for word in _texts(process):
                yield first[0], word
        for target, value in self.module.connects:
            yield target[0][0], value
        for block in self.blocks:
            for target, word in _assigned(block.statements):
                yield target[0][0], word

    def is_computed(self, bit: Bit) -> bool:
        """Return whether an expression drives a bit, rather than a register or an instance."""
        return bit in self._cells or bit in self._processes or bit in self._sources

    def operand(self, bits: Bits) -> Expression:
        """Return a word that is read."""
        if (word := self._words.get(bits)) is not None:
            return Reference(word.name, 0, word.width, word.width)
        return self._pieces(bits)

    def _pieces(self, bits: Bits) -> Expression:
        """Return a word as what it is made of."""
        parts: list[Expression] = []
        for run in runs(bits):
            name, low = run[0]
            if not name:
                parts.append(_constant(run))
            elif name in self._inlined:
                parts.append(self._sliced(self.definition(self.module.wires[name].bits), run))
            else:
                parts.append(Reference(name, low, len(run), self.module.wires[name].width))
        return concatenate(parts)

    @staticmethod
    def _sliced(word: Expression, run: Bits) -> Expression:
        if word.width != len(run):
            raise AssertionError(f"a slice of {word} is read")
        return word

    def definition(self, bits: Bits) -> Expression:
        """Return what drives a word, each bit of which an expression drives."""
        return concatenate(self.definitions(bits))

    def definitions(self, bits: Bits) -> Iterator[Expression]:
        """Yield what drives a word in pieces, the lowest first."""
        place = 0
        while place < len(bits):
            bit = bits[place]
            if bit in self._cells:
                cell, at = self._cells[bit]
                stretch = cell.ports["Y"][at:]
                length = _common(bits[place:], stretch)
                yield self._operators.of(cell, at, length)
            elif bit in self._processes:
                process = self._processes[bit]
                length = 1
                while self._processes.get(bits[min(place + length, len(bits) - 1)]) is process and (
                    place + length < len(bits)
                ):
                    length += 1
                yield chosen(process, bits[place : place + length], self.operand)
            else:
                length = 1
                while place + length < len(bits) and bits[place + length] in self._sources:
                    length += 1
                yield self._pieces(
                    tuple(self._sources[one] for one in bits[place : place + length])
                )
            place += length

    def _inverse_of(self, bit: Bit) -> Bit | None:
        """Return the bit whose inverse a bit without a name is."""
        if bit[0] not in self._inlined or bit not in self._cells:
            return None
        cell, place = self._cells[bit]
        return cell.ports["A"][place] if cell.kind == "$not" else None

    def _choose(self) -> set[str]:
        """Return the nets without a name that stand where they are read."""
        uses = Counter[str]()
        sliced: set[str] = set()
        for bits in self._read():
            for run in runs(bits):
                name = run[0][0]
                wire = self.module.wires.get(name)
                if wire is not None and not wire.is_named:
                    uses[name] += 1
                    if run != wire.bits:
                        sliced.add(name)
        sliced.update(self._widened())
        inlined: set[str] = set()
        for name, count in uses.items():
            bits = self.module.wires[name].bits
            whole = all(bit in self._cells or bit in self._processes for bit in bits)
            if whole and name not in sliced and (count == 1 or self._is_short(bits, uses)):
                inlined.add(name)
        return inlined

    def _widened(self) -> Iterator[str]:
        """Yield the nets of which an operator reads other words than its ports have.

        A sign stands several times where an operand is narrower than its operator.
        """
        for cell in self.module.cells:
            for port in ("A", "B"):
                if cell.kind in OPERATORS and port in cell.ports:
                    for run in runs(operand_of(cell, port)):
                        wire = self.module.wires.get(run[0][0])
                        if wire is not None and run != wire.bits:
                            yield wire.name

    def _is_short(self, bits: Bits, uses: Mapping[str, int]) -> bool:
        """Return whether a word is the inverse of a net, or a gate of two nets with names."""
        return all(bit in self._cells and self._is_gate(self._cells[bit][0], uses) for bit in bits)

    def _is_gate(self, cell: Cell, uses: Mapping[str, int]) -> bool:
        inputs = {name for port in ("A", "B") for name, _ in cell.ports.get(port, ()) if name}
        if cell.kind == "$not":
            return all(self.module.wires[name].is_named or uses[name] > 1 for name in inputs)
        named = all(self.module.wires[name].is_named for name in inputs)
        return cell.kind in ("$and", "$or", "$xor") and named

    def _read(self) -> Iterator[Bits]:
        """Yield the words that are read, as often as the text holds them."""
        for cell in self.module.cells:
            for port, bits in cell.ports.items():
                if not is_output(cell, port, self.directions):
                    yield bits
        for process in self.module.processes:
            yield from _texts(process)
        for _, value in self.module.connects:
            yield value
        for block in self.blocks:
            yield block.edge.bits
            yield from _texts(block.statements)


def _texts(statements: list[Statement]) -> Iterator[Bits]:
    for statement in statements:
        if isinstance(statement, Assign):
            yield statement.value
        else:
            for case in statement.cases:
                for pattern in case.patterns:
                    pairs = zip(statement.subject, reversed(pattern), strict=True)
                    yield tuple(bit for bit, digit in pairs if digit != "-")
                yield from _texts(case.statements)


def _assigned(statements: list[Statement]) -> Iterator[tuple[Bits, Bits]]:
    """Yield what statements drive, and the words that this depends on."""
    for statement in statements:
        if isinstance(statement, Assign):
            yield statement.target, statement.value
        else:
            for case in statement.cases:
                for target, word in _assigned(case.statements):
                    yield target, word
                    yield target, statement.subject


def _common(one: Bits, other: Bits) -> int:
    """Return how many bits two words share from their lowest on."""
    length = 0
    for bit, same in zip(one, other, strict=False):
        if bit != same:
            break
        length += 1
    return length


def _constant(bits: Bits) -> Constant:
    value = sum(1 << place for place, bit in enumerate(bits) if bit == ONE)
    assert all(bit in (ZERO, ONE, ANY) for bit in bits)
    return Constant(len(bits), value)
