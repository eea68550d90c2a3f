"""Registers and memories as ``always`` blocks."""

from collections.abc import Callable, Iterator, Mapping

from macsmith.rtl_text.lines.dialect import Dialect
from macsmith.rtl_text.lines.expression_text import BREAK, ExpressionText
from macsmith.rtl_text.parsed.modules import (
    READ_PORT,
    WRITE_PORT,
    Assign,
    Bit,
    Bits,
    Cell,
    Statement,
    Switch,
    runs,
)
from macsmith.rtl_text.tidying.registers import Block, Edge
from macsmith.rtl_text.words.choices import condition
from macsmith.rtl_text.words.nets import Nets

_INDENT = "  "
_CASES = 3
"""Branches on one word's values from which on they are a case statement."""


class AlwaysText:
    """Writes the registers and memories of a module.

    Parameters
    ----------
    lvalue:
        Returns a word that is driven.
    memories:
        What memories are called.
    """

    def __init__(
        self,
        nets: Nets,
        words: ExpressionText,
        lvalue: Callable[[Bits], str],
        memories: Mapping[str, str],
        dialect: Dialect,
    ) -> None:
        self._nets, self._words, self._lvalue, self._dialect = nets, words, lvalue, dialect
        self._memories = memories

    def lines(self) -> Iterator[str]:
        """Yield the blocks, one a clock and a reset, then those of memories."""
        for block in self._nets.blocks:
            yield ""
            yield from self._block(block)
        for cell in self._nets.module.cells:
            if cell.kind in (READ_PORT, WRITE_PORT):
                yield from self._memory(cell)

    def _block(self, block: Block) -> Iterator[str]:
        yield self._head(block.edge)
        if block.edge.reset is None:
            yield from self._statements(block.statements, 2)
        else:
            yield f"{_INDENT * 2}if ({self._text((block.edge.reset,))}) begin"
            yield from self._statements(block.at_reset, 3)
            match block.statements:
                case [Switch() as switch]:
                    yield from self._switch(switch, 2, "end else ")
                case [_, *_]:
                    yield f"{_INDENT * 2}end else begin"
                    yield from self._statements(block.statements, 3)
                    yield f"{_INDENT * 2}end"
                case _:
                    yield f"{_INDENT * 2}end"
        yield f"{_INDENT}end"

    def _head(self, edge: Edge) -> str:
        at = f"{'posedge' if edge.rises else 'negedge'} {self._text((edge.clock,))}"
        if edge.resets_at_once and edge.reset is not None:
            at += f" or posedge {self._text((edge.reset,))}"
        return f"{_INDENT}{self._dialect.at_edge} @({at}) begin"

    def _text(self, bits: Bits) -> str:
        return self._words.of(self._nets.operand(bits))

    def _statements(self, statements: list[Assign] | list[Statement], depth: int) -> Iterator[str]:
        for statement in statements:
            if isinstance(statement, Assign):
                for target, value in _by_wire(statement):
                    text = f"{self._lvalue(target)} <={BREAK}{self._text(value)};"
                    yield f"{_INDENT * depth}{text}"
            else:
                yield from self._switch(statement, depth, "")

    def _switch(self, switch: Switch, depth: int, before: str) -> Iterator[str]:
        full = all(
            len(case.patterns) >= 1 and "-" not in "".join(case.patterns) for case in switch.cases
        )
        if full and len(switch.cases) >= _CASES and len(switch.subject) > 1 and not before:
            yield from self._case(switch, depth)
            return
        indent = _INDENT * depth
        for case in switch.cases:
            taken_if = condition(switch.subject, case, self._nets.operand)
            if taken_if is None:
                yield f"{indent}{before}begin" if before else f"{indent}begin"
            else:
                yield f"{indent}{before}if ({self._words.of(taken_if)}) begin"
            yield from self._statements(case.statements, depth + 1)
            before = "end else "
            if taken_if is None:
                break
        yield f"{indent}end"

    def _case(self, switch: Switch, depth: int) -> Iterator[str]:
        indent = _INDENT * depth
        width = len(switch.subject)
        yield f"{indent}case ({self._text(switch.subject)})"
        for case in switch.cases:
            if not case.statements:
                continue
            labels = ", ".join(f"{width}'d{int(pattern, 2)}" for pattern in case.patterns)
            yield f"{indent}{_INDENT}{labels}: begin"
            yield from self._statements(case.statements, depth + 2)
            yield f"{indent}{_INDENT}end"
        yield f"{indent}{_INDENT}default: ;"
        yield f"{indent}endcase"

    def _memory(self, cell: Cell) -> Iterator[str]:
        """Yield a port of a memory; a word that is read while it is written is the older one."""
        name = self._memories[str(cell.parameters["MEMID"])]
        (clock,) = cell.ports["CLK"]
        word = f"{name}[{self._text(cell.ports['ADDR'])}]"
        yield ""
        yield self._head(Edge(clock, True, None))
        enables = cell.ports["EN"]
        if cell.kind == READ_PORT:
            data = f"{self._lvalue(cell.ports['DATA'])} <={BREAK}{word};"
            yield f"{_INDENT * 2}if ({self._text(enables)}) {data}"
        else:
            for low, high in _granules(enables):
                place = "" if high - low == len(enables) else f"[{high - 1}:{low}]"
                data = f"{word}{place} <={BREAK}{self._text(cell.ports['DATA'][low:high])};"
                yield f"{_INDENT * 2}if ({self._text((enables[low],))}) {data}"
        yield f"{_INDENT}end"


def _by_wire(statement: Assign) -> Iterator[tuple[Bits, Bits]]:
    """Yield an assignment wire by wire, the lowest first."""
    place = 0
    for run in runs(statement.target):
        yield run, statement.value[place : place + len(run)]
        place += len(run)


def _granules(enables: tuple[Bit, ...]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a word that are written together."""
    start = 0
    for place in range(1, len(enables) + 1):
        if place == len(enables) or enables[place] != enables[start]:
            yield start, place
            start = place
