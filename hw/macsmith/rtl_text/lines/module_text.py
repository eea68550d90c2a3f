"""A module as Verilog: ports, registers, then each net after those that it is computed from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap

from macsmith.rtl_text.lines.always_text import AlwaysText
from macsmith.rtl_text.lines.dialect import Dialect
from macsmith.rtl_text.lines.expression_text import BREAK, TIGHT_BREAK, ExpressionText, slice_of
from macsmith.rtl_text.lines.line_breaks import LONGEST, lines_of
from macsmith.rtl_text.parsed.bit_uses import is_output, read_by
from macsmith.rtl_text.parsed.modules import READ_PORT, WRITE_PORT, Bit, Bits, Cell, Wire, runs
from macsmith.rtl_text.words.expressions import Expression, concatenate, is_plain, parts_of
from macsmith.rtl_text.words.net_names import NetNames
from macsmith.rtl_text.words.nets import Nets
from macsmith.rtl_text.words.ordering import Step, bits_in, in_order, without_unread

_INDENT = "  "


class ModuleText:
    """Writes one module.

    Parameters
    ----------
    module_names:
        What modules are called.
    port_names:
        What ports are called, by module and port, in the order in which they stand.
    """

    def __init__(
        self,
        nets: Nets,
        names: NetNames,
        dialect: Dialect,
        module_names: Mapping[str, str],
        port_names: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._nets, self._names, self._dialect = nets, names, dialect
        self._module_names, self._port_names = module_names, port_names
        self._words = ExpressionText(names.names)
        registers = {bit[0] for block in nets.blocks for bits in block.registers for bit in bits}
        reads = {
            cell.ports["DATA"][0][0]
            for cell in nets.module.cells if cell.kind == READ_PORT
        }  # fmt: skip
        self._registers = registers | reads

    def lines(self, note: str) -> Iterator[str]:
        """Yield the lines of the module; a note says what it is."""
        yield from (f"// {line}" for line in wrap(note, LONGEST - 3))
        yield f"module {self._module_names[self._nets.module.name]} ("
        ports = self._nets.module.ports
        for port in ports:
            comma = "," if port is not ports[-1] else ""
            kind = self._dialect.variable if port.name in self._registers else self._dialect.net
            yield f"{_INDENT}{port.direction:6} {kind} {self._declared(port)}{comma}"
        yield ");"
        needed = without_unread(list(self._steps()), self._read_at_edges())
        steps, early = in_order(needed)
        # What is driven bit by bit is declared before.
        early |= {name for step in steps if not step.declares for name, _ in step.drives}
        shown = {bit[0] for step in needed for bit in (*step.drives, *step.reads)}
        yield from self._declarations(early, shown)
        for step in steps:
            yield from self._step(step, early)
        always = AlwaysText(
            self._nets, self._words, self._lvalue, self._names.memories, self._dialect
        )
        for text in always.lines():
            yield from lines_of(text)
        yield "endmodule"

    def _declared(self, wire: Wire) -> str:
        return f"{_range(wire.width)}{self._names.names[wire.name]}"

    def _declarations(self, early: set[str], shown: set[str]) -> Iterator[str]:
        """Yield what is declared before all logic: registers, memories, what instances drive."""
        module = self._nets.module
        groups: dict[tuple[str, int], list[str]] = {}
        for wire in module.wires.values():
            if wire.direction or wire.name not in self._names.names:
                continue
            kind = self._dialect.variable if wire.name in self._registers else self._dialect.net
            if wire.name not in self._registers and wire.name not in shown:
                continue
            computed = wire.name not in self._registers and self._is_computed(wire)
            if not computed or wire.name in early:
                groups.setdefault((kind, wire.width), []).append(self._names.names[wire.name])
        for (kind, width), names in sorted(groups.items()):
            yield from lines_of(f"{_INDENT}{kind} {_range(width)}" + f",{BREAK}".join(names) + ";")
        for memory in module.memories.values():
            name = self._names.memories[memory.name]
            words = self._dialect.words.format(depth=memory.depth, last=memory.depth - 1)
            yield f"{_INDENT}{self._dialect.variable} {_range(memory.width)}{name} {words}"

    def _is_computed(self, wire: Wire) -> bool:
        return all(self._nets.is_computed(bit) for bit in wire.bits)

    def _steps(self) -> Iterator[Step]:
        """Yield what computes nets, and the instances."""
        for wire in self._nets.module.wires.values():
            if wire.direction != "input" and wire.name in self._names.names:
                yield from self._assignments(wire)
        for cell in self._nets.module.instances():
            yield self._instance(cell)

    def _read_at_edges(self) -> set[Bit]:
        """Return the bits that registers and memories take, and their conditions."""
        words = [bits for block in self._nets.blocks for bits in read_by(block.statements)]
        for block in self._nets.blocks:
            words.append(block.edge.bits)
        for cell in self._nets.module.cells:
            if cell.kind in (READ_PORT, WRITE_PORT):
                words += [
                    bits for port, bits in cell.ports.items()
                    if not is_output(cell, port, self._nets.directions)
                ]  # fmt: skip
        return {bit for bits in words for bit in bits_in(self._nets.operand(bits))}

    def _assignments(self, wire: Wire) -> Iterator[Step]:
        """Yield one step for a net, or one for each of its pieces if these differ."""
        computed = [bit for bit in wire.bits if self._nets.is_computed(bit)]
        if not computed:
            return
        whole = tuple(computed) == wire.bits
        pieces = [
            (run, part)
            for run in runs(computed)
            for run, part in _pieces(run, concatenate(self._nets.definitions(run)))
        ]
        alone = whole and len(pieces) == 1 and not wire.direction
        for bits, word in pieces:
            reads = set(bits_in(word))
            if alone:
                yield Step(set(bits), reads, f"={BREAK}{self._words.of(word)};", wire.name)
            else:
                target = self._lvalue(bits)
                text = f"assign {target} ={BREAK}{self._words.of(word)};"
                yield Step(set(bits), reads, text, stays=bool(wire.direction))

    def _lvalue(self, bits: Bits) -> str:
        """Return a word that is driven."""
        texts = [
            slice_of(self._names.names[run[0][0]], run[0][1], len(run), self._width(run[0][0]))
            for run in runs(bits)
        ]
        return texts[0] if len(texts) == 1 else "{" + f",{BREAK}".join(reversed(texts)) + "}"

    def _width(self, name: str) -> int:
        return self._nets.module.wires[name].width

    def _step(self, step: Step, early: set[str]) -> Iterator[str]:
        if not step.declares:
            yield from lines_of(f"{_INDENT}{step.text}")
            return
        wire = self._nets.module.wires[step.declares]
        name = self._names.names[wire.name]
        declared = f"{self._dialect.net} {_range(wire.width)}{name}"
        if wire.name in early:
            yield from lines_of(f"{_INDENT}assign {name} {step.text}")
        elif self._dialect.assigns_at_declaration:
            yield from lines_of(f"{_INDENT}{declared} {step.text}")
        else:
            yield f"{_INDENT}{declared};"
            yield from lines_of(f"{_INDENT}assign {name} {step.text}")

    def _instance(self, cell: Cell) -> Step:
        connected: list[str] = []
        drives: set[Bit] = set()
        reads: set[Bit] = set()
        names = self._port_names[cell.kind]
        for port, name in names.items():
            bits = cell.ports.get(port, ())
            if is_output(cell, port, self._nets.directions):
                drives |= set(bits)
                text = self._lvalue(bits) if bits else ""
            else:
                word = self._nets.operand(bits)
                reads |= set(bits_in(word))
                text = self._words.of(word)
            connected.append(f".{name}({text})")
        head = f"{self._module_names[cell.kind]} {self._names.instances[cell.name]} ({TIGHT_BREAK}"
        text = head + f",{BREAK}".join(connected) + ");"
        return Step(drives, reads, text, stays=True)


def _range(width: int) -> str:
    return f"[{width - 1}:0] " if width > 1 else ""


def _pieces(bits: Bits, word: Expression) -> Sequence[tuple[Bits, Expression]]:
    """Return a word as a whole, or in the pieces that it is made of if several have operators."""
    parts = parts_of(word)
    if sum(not is_plain(part) for part in parts) < 2:
        return [(bits, word)]
    pieces: list[tuple[Bits, Expression]] = []
    place = 0
    for plain, group in _grouped(parts):
        for one in [concatenate(group)] if plain else group:
            pieces.append((bits[place : place + one.width], one))
            place += one.width
    return pieces


def _grouped(parts: Iterable[Expression]) -> Iterator[tuple[bool, list[Expression]]]:
    group: list[Expression] = []
    plain = False
    for part in parts:
        if group and is_plain(part) != plain:
            yield plain, group
            group = []
        plain = is_plain(part)
        group.append(part)
    if group:
        yield plain, group
