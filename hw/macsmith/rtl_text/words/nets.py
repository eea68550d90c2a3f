"""What each net of a module is: an expression that stands where it is read, or a net of its own."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property

from macsmith.rtl_text.parsed.bit_uses import Directions, driven_by_cells, is_output, targets_of
from macsmith.rtl_text.parsed.modules import (
    ANY,
    ONE,
    ZERO,
    Assign,
    Bit,
    Bits,
    Case,
    Cell,
    RtlModule,
    Statement,
    Switch,
    runs,
)
from macsmith.rtl_text.tidying.registers import Block
from macsmith.rtl_text.words.expressions import (
    Concatenation,
    Constant,
    Expression,
    Reference,
    concatenate,
    operation,
)

_BINARY = {
    "$add": "+", "$sub": "-", "$mul": "*", "$and": "&", "$or": "|", "$xor": "^",
    "$div": "/", "$mod": "%", "$divfloor": "/", "$modfloor": "%",
}  # fmt: skip
_COMPARE = {"$eq": "==", "$ne": "!=", "$lt": "<", "$le": "<=", "$gt": ">", "$ge": ">="}
_UNARY = {"$not": "~", "$neg": "-"}
_REDUCE = {"$reduce_and": "&/", "$reduce_or": "|/", "$reduce_bool": "|/", "$reduce_xor": "^/"}
_SHIFT = {"$shl": "<<", "$shr": ">>", "$sshl": "<<", "$sshr": ">>", "$shift": ">>"}

_PIECES = 4
"""Bits beside each other that a reduction names one by one: ``a | b | c``."""


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
            if not cell.is_instance and not cell.kind.startswith("$mem"):
                self._cells |= {bit: (cell, place) for place, bit in enumerate(bits)}
        self._processes = {
            bit: process
            for process in module.processes
            for target in targets_of(process)
            for bit in target
        }
        self._sources = {
            to: of
            for target, value in module.connects
            for to, of in zip(target, value, strict=True)
        }  # fmt: skip
        self._words = {
            tuple(self._sources.get(bit, bit) for bit in wire.bits): wire
            for wire in module.wires.values()
            if wire.is_well_named and wire.width > 1
        }
        self._inlined = self._choose()

    @cached_property
    def own(self) -> dict[str, int]:
        """The nets without a name that are nets of their own, by their widths."""
        driven = {name for name, _ in (*self._cells, *self._processes, *self._sources)}
        return {
            name: wire.width
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
                yield self._operation(cell, at, length)
            elif bit in self._processes:
                process = self._processes[bit]
                length = 1
                while self._processes.get(bits[min(place + length, len(bits) - 1)]) is process and (
                    place + length < len(bits)
                ):
                    length += 1
                yield self._chosen(process, bits[place : place + length])
            else:
                length = 1
                while place + length < len(bits) and bits[place + length] in self._sources:
                    length += 1
                yield self._pieces(
                    tuple(self._sources[one] for one in bits[place : place + length])
                )
            place += length

    def _operation(self, cell: Cell, at: int, length: int) -> Expression:
        """Return some of the bits that an operator computes."""
        ports, kind, width = cell.ports, cell.kind, len(cell.ports["Y"])
        if kind == "$mux":
            stretch = slice(at, at + length)
            select, no, yes = ports["S"], ports["A"][stretch], ports["B"][stretch]
            return operation(
                "?:", (self.operand(select), self.operand(yes), self.operand(no)), length
            )
        if kind in ("$and", "$or", "$xor", "$not"):
            words = [
                self.operand(_extended(ports[port], width, cell)[at : at + length])
                for port in ("A", "B") if port in ports
            ]  # fmt: skip
            return operation((_BINARY | _UNARY)[kind], tuple(words), length)
        if (at, length) != (0, width):
            raise AssertionError(f"bits {at} to {at + length} of {width} of {kind} stand alone")
        if kind in _UNARY:
            return operation(
                _UNARY[kind], (self.operand(_extended(ports["A"], width, cell)),), width
            )
        if kind in _REDUCE:
            return self._reduction(_REDUCE[kind], ports["A"])
        if kind in _COMPARE:
            widest = max(len(ports["A"]), len(ports["B"]))
            sides = tuple(self.operand(_extended(ports[p], widest, cell)) for p in ("A", "B"))
            ordered = kind not in ("$eq", "$ne")
            return operation(_COMPARE[kind], sides, 1, ordered and cell.flag("A_SIGNED"))
        if kind in _SHIFT:
            signed = kind == "$sshr" and cell.flag("A_SIGNED")
            word = self.operand(_extended(ports["A"], width, cell))
            if not ports["B"]:
                return word
            shift = ">>>" if signed else _SHIFT[kind]
            return operation(shift, (word, self.operand(ports["B"])), width, signed)
        if kind not in _BINARY:
            raise NotImplementedError(f"Verilog must be of operators that it has, not of {kind}")
        words = [self.operand(_extended(ports[port], width, cell)) for port in ("A", "B")]
        # Synthesis cannot tell the sign bits of unsigned words from others, and would add them all.
        narrow = any(len(ports[port]) < width for port in ("A", "B"))
        signed = narrow and cell.flag("A_SIGNED") and kind in ("$add", "$sub", "$mul")
        return operation(_BINARY[kind], tuple(words), width, signed)

    def _reduction(self, kind: str, bits: Bits) -> Expression:
        """Return a reduction: a comparison where some bits are inverted, gates where few are."""
        if not bits:
            return Constant(1, int(kind == "&/"))
        inverted = [self._inverted(bit) for bit in bits]
        if kind == "&/" and any(inverted) and len(bits) > 1:
            plain = tuple(other or bit for bit, other in zip(bits, inverted, strict=True))
            if len(list(runs(plain))) == 1:
                value = sum(1 << place for place, one in enumerate(inverted) if not one)
                return operation("==", (self.operand(plain), Constant(len(bits), value)), 1)
        if kind == "&/" and len(bits) > 1 and len(list(runs(bits))) == 1:
            ones = Constant(len(bits), 2 ** len(bits) - 1)
            return operation("==", (self.operand(bits), ones), 1)
        word = self.operand(bits)
        if word.width == 1:
            return word
        if isinstance(word, Concatenation) and len(word.parts) == word.width <= _PIECES:
            gates, *rest = word.parts
            for part in rest:
                gates = operation(kind[0], (gates, part), 1)
            return gates
        return operation(kind, (word,), 1)

    def _inverted(self, bit: Bit) -> Bit | None:
        """Return the bit whose inverse a bit without a name is."""
        if bit[0] not in self._inlined or bit not in self._cells:
            return None
        cell, place = self._cells[bit]
        return cell.ports["A"][place] if cell.kind == "$not" else None

    def _chosen(self, statements: list[Statement], bits: Bits) -> Expression:
        """Return what statements give to a word: in pieces that they treat alike."""
        parts: list[Expression] = []
        start = 0
        cuts = _cuts(statements)
        for place in range(1, len(bits) + 1):
            if place == len(bits) or bits[place] in cuts:
                piece = self._after(statements, bits[start:place], None)
                assert piece is not None
                parts.append(piece)
                start = place
        return concatenate(parts)

    def _after(
        self, statements: list[Statement], bits: Bits, before: Expression | None
    ) -> Expression | None:
        """Return what a word is after statements, if it was ``before`` something."""
        for statement in statements:
            if isinstance(statement, Assign):
                if bits[0] in statement.target:
                    at = statement.target.index(bits[0])
                    before = self.operand(statement.value[at : at + len(bits)])
            else:
                before = self._switched(statement, bits, before)
        return before

    def _switched(self, switch: Switch, bits: Bits, before: Expression | None) -> Expression | None:
        if not any(bits[0] in target for target in targets_of([switch])):
            return before
        word = before
        for case in reversed(switch.cases):
            taken = self._after(case.statements, bits, before)
            condition = self.condition(switch.subject, case)
            assert taken is not None
            if condition is None or word is None:
                word = taken
            elif taken != word:
                word = operation("?:", (condition, taken, word), len(bits))
        return word

    def condition(self, subject: Bits, case: Case) -> Expression | None:
        """Return when a case is taken if none before it is; None for always."""
        if not case.patterns:
            return None
        fits: Expression | None = None
        for pattern in case.patterns:
            digits = [
                (bit, digit)
                for bit, digit in zip(subject, reversed(pattern), strict=True)
                if digit != "-"
            ]
            if not digits:
                return None
            word = self.operand(tuple(bit for bit, _ in digits))
            value = sum(1 << place for place, (_, digit) in enumerate(digits) if digit == "1")
            if word.width == 1:
                one = word if value else operation("~", (word,), 1)
            else:
                one = operation("==", (word, Constant(word.width, value)), 1)
            fits = one if fits is None else operation("|", (fits, one), 1)
        return fits

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
        inlined: set[str] = set()
        for name, count in uses.items():
            bits = self.module.wires[name].bits
            whole = all(bit in self._cells or bit in self._processes for bit in bits)
            if whole and name not in sliced and (count == 1 or self._is_short(bits, uses)):
                inlined.add(name)
        return inlined

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
            yield (block.edge.clock, *((block.edge.reset,) if block.edge.reset else ()))
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


def _cuts(statements: list[Statement]) -> set[Bit]:
    """Return the bits at which statements begin to treat a word in another way."""
    cuts: set[Bit] = set()
    for target in targets_of(statements):
        cuts |= {target[0], (target[-1][0], target[-1][1] + 1)}
    return cuts


def _common(one: Bits, other: Bits) -> int:
    """Return how many bits two words share from their lowest on."""
    length = 0
    for bit, same in zip(one, other, strict=False):
        if bit != same:
            break
        length += 1
    return length


def _extended(bits: Bits, width: int, cell: Cell) -> Bits:
    """Return an operand as wide as its operator needs it."""
    more = bits[-1] if bits and cell.flag("A_SIGNED") else ZERO
    return bits[:width] + (more,) * (width - len(bits))


def _constant(bits: Bits) -> Constant:
    value = sum(1 << place for place, bit in enumerate(bits) if bit == ONE)
    assert all(bit in (ZERO, ONE, ANY) for bit in bits)
    return Constant(len(bits), value)
