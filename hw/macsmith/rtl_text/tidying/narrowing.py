"""Operations made no wider than what is read of them: a carry that nobody takes is not computed."""

from collections.abc import Iterable

from macsmith.rtl_text.parsed.bit_uses import Directions, driven_by_cells, read_words, targets_of
from macsmith.rtl_text.parsed.modules import Assign, Bits, Cell, RtlModule, Statement

_LOW_BITS_ALONE = frozenset({"$add", "$sub", "$neg", "$mul", "$and", "$or", "$xor", "$not", "$mux"})
"""Operators whose low bits depend on low bits of their operands alone."""

_OPERANDS = ("A", "B")


def narrow(module: RtlModule, directions: Directions) -> None:
    """Cut the unread high bits off operations and processes, and off what these read."""
    while _narrow_once(module, directions):
        pass


def _narrow_once(module: RtlModule, directions: Directions) -> bool:
    needed: dict[str, int] = {}
    for bits in read_words(module, directions):
        for name, place in bits:
            if place >= needed.get(name, 0):
                needed[name] = place + 1
    changed = False
    for cell, _, bits in driven_by_cells(module, directions):
        if cell.kind in _LOW_BITS_ALONE and (width := _width(module, bits, needed)) is not None:
            _narrow_cell(cell, width)
            module.wires[bits[0][0]].width = width
            changed = True
    for process in module.processes:
        for name in {bits[0][0] for bits in targets_of(process)}:
            wire = module.wires[name]
            if not wire.is_named and 0 < needed.get(name, wire.width) < wire.width:
                wire.width = needed[name]
                process[:] = _narrowed(process, name, wire.width)
                changed = True
    return changed


def _width(module: RtlModule, bits: Bits, needed: dict[str, int]) -> int | None:
    """Return how many bits of a word are read, if there are more and nobody has named them."""
    wire = module.wires[bits[0][0]]
    width = needed.get(wire.name, 0)
    whole = bits == wire.bits and not wire.is_named
    return width if whole and 0 < width < wire.width else None


def _narrow_cell(cell: Cell, width: int) -> None:
    cell.ports["Y"] = cell.ports["Y"][:width]
    for operand in _OPERANDS:
        if operand in cell.ports:
            cell.ports[operand] = cell.ports[operand][:width]


def _narrowed(statements: Iterable[Statement], name: str, width: int) -> list[Statement]:
    kept: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Assign):
            pairs = zip(statement.target, statement.value, strict=True)
            left = [(to, of) for to, of in pairs if to[0] != name or to[1] < width]
            if left:
                target, value = zip(*left, strict=True)
                kept.append(Assign(target, value))
        else:
            for case in statement.cases:
                case.statements[:] = _narrowed(case.statements, name, width)
            kept.append(statement)
    return kept
