"""Registers with what they take at a clock edge: the statements of an ``always`` block.

A register of RTLIL takes a word that a process computes, whose last statement is the reset. Here
registers of one clock and one reset share a block, and what depends on one condition a branch.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from macsmith.rtl_text.parsed.bit_uses import Directions, read_words, root_of, targets_of
from macsmith.rtl_text.parsed.modules import (
    REGISTERS,
    Assign,
    Bit,
    Bits,
    Case,
    Cell,
    RtlModule,
    Statement,
    Switch,
    without,
)


@dataclass(frozen=True)
class Edge:
    """What registers of one block have in common.

    Members
    -------
    reset
        The bit that resets them; None if nothing does.
    resets_at_once
        Whether they do not wait for the clock then.
    """

    clock: Bit
    rises: bool
    reset: Bit | None
    resets_at_once: bool = False

    @property
    def bits(self) -> Bits:
        """The clock, and the reset if there is one."""
        return (self.clock,) if self.reset is None else (self.clock, self.reset)


@dataclass
class Block:
    """Registers that change at one edge.

    Members
    -------
    at_reset
        What they hold after a reset.
    statements
        What they take otherwise; a register that no statement reaches keeps what it holds.
    registers
        The words that they hold.
    """

    edge: Edge
    at_reset: list[Assign] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    registers: list[Bits] = field(default_factory=list)


def take_registers(module: RtlModule, directions: Directions) -> list[Block]:
    """Take registers out of a module, and the processes that they alone read."""
    reads = Counter(name for bits in read_words(module, directions) for name in set(_names(bits)))
    processes = {bits: process for process in module.processes for bits in _whole(module, process)}
    blocks: dict[Edge, Block] = {}
    root = root_of(module)
    cells = [cell for cell in module.cells if cell.kind in REGISTERS]
    taken: list[list[Statement]] = []
    for cell in cells:
        following, held = cell.ports["D"], cell.ports["Q"]
        process = processes.get(following)
        name = following[0][0]
        if process is not None and reads[name] == 1 and not module.wires[name].direction:
            taken.append(process)
            del module.wires[name]
            statements = _retargeted(process, dict(zip(following, held, strict=True)))
        else:
            statements = [Assign(held, following)]
        # What a register holds is also read by the names of its parts.
        if _is_held(statements[0], root):
            del statements[0]
        _add(blocks, cell, held, statements)
    module.cells = without(module.cells, cells)
    module.processes = without(module.processes, taken)
    for block in blocks.values():
        block.statements = _without_empty_ends(block.statements)
    return list(blocks.values())


def _is_held(statement: Statement, root: Callable[[Bit], Bit]) -> bool:
    if not isinstance(statement, Assign):
        return False
    return statement.target == tuple(root(bit) for bit in statement.value)


def _names(bits: Bits) -> Iterator[str]:
    return (name for name, _ in bits)


def _whole(module: RtlModule, process: list[Statement]) -> Iterator[Bits]:
    """Yield the one wire that a process drives as a whole."""
    names = {name for bits in targets_of(process) for name in _names(bits)}
    if len(names) == 1:
        yield module.wires[names.pop()].bits


def _add(blocks: dict[Edge, Block], cell: Cell, held: Bits, statements: list[Statement]) -> None:
    (clock,) = cell.ports["CLK"]
    rises = cell.flag("CLK_POLARITY")
    at_reset: Assign | None = None
    if cell.kind == "$adff":
        value = int(cell.parameters["ARST_VALUE"])
        at_reset = Assign(held, tuple(("", value >> k & 1) for k in range(len(held))))
        edge = Edge(clock, rises, cell.ports["ARST"][0], True)
    elif statements and (found := _reset(statements[-1], held)):
        reset, at_reset = found
        edge = Edge(clock, rises, reset)
        statements.pop()
    else:
        edge = Edge(clock, rises, None)
    block = blocks.setdefault(edge, Block(edge))
    block.registers.append(held)
    if at_reset:
        block.at_reset.append(at_reset)
    _merge(block.statements, statements)


def _reset(statement: Statement, held: Bits) -> tuple[Bit, Assign] | None:
    """Return the bit that resets a register, and to what, if a statement says so."""
    match statement:
        case Switch((bit,), [Case(("1",), [Assign(target, value) as assign])]):
            if target == held and not any(name for name, _ in value):
                return bit, assign
    return None


def _retargeted(statements: list[Statement], places: dict[Bit, Bit]) -> list[Statement]:
    """Return statements about a register rather than about what it takes."""
    kept: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Assign):
            target = tuple(places[bit] for bit in statement.target)
            kept.append(Assign(target, statement.value))
        else:
            cases = [
                Case(case.patterns, _retargeted(case.statements, places))
                for case in statement.cases
            ]
            kept.append(Switch(statement.subject, cases))
    return kept


def _merge(into: list[Statement], statements: list[Statement]) -> None:
    """Add a register's statements to those of others, in branches that are there where they fit.

    Those of one register stay in their order.
    """
    at = 0
    for statement in statements:
        place = next((k for k in range(at, len(into)) if _same_branches(into[k], statement)), None)
        if place is None:
            into.append(statement)
            at = len(into)
            continue
        there = into[place]
        assert isinstance(there, Switch) and isinstance(statement, Switch)
        for case, other in zip(there.cases, statement.cases, strict=True):
            _merge(case.statements, other.statements)
        at = place + 1


def _without_empty_ends(statements: list[Statement]) -> list[Statement]:
    """Return statements without the last branches in which no register changes."""
    kept: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Assign):
            kept.append(statement)
            continue
        cases = [
            Case(case.patterns, _without_empty_ends(case.statements)) for case in statement.cases
        ]
        while cases and not cases[-1].statements:
            cases.pop()
        if cases:
            kept.append(Switch(statement.subject, cases))
    return kept


def _same_branches(there: Statement, statement: Statement) -> bool:
    if not (isinstance(there, Switch) and isinstance(statement, Switch)):
        return False
    patterns = [case.patterns for case in there.cases]
    return there.subject == statement.subject and patterns == [
        case.patterns for case in statement.cases
    ]
