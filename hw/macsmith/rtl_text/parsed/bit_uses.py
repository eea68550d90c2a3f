"""Which words a module reads and which it drives, and both with other bits in their places."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from macsmith.rtl_text.parsed.modules import (
    ANY,
    ONE,
    READ_PORT,
    REGISTERS,
    ZERO,
    Assign,
    Bit,
    Bits,
    Cell,
    RtlModule,
    Statement,
    Switch,
)

Directions = Mapping[str, Mapping[str, str]]
"""The directions of ports, by module and port."""

Renaming = Callable[[Bits], Bits]

_OUTPUTS = {READ_PORT: "DATA", **dict.fromkeys(REGISTERS, "Q")}


def directions_of(modules: Mapping[str, RtlModule]) -> dict[str, dict[str, str]]:
    """Return the directions of the ports of all modules, of those without a body as well.

    What nothing else drives is an output of those.
    """
    known = {
        name: {port.name: port.direction for port in module.ports}
        for name, module in modules.items()
    }
    for module in modules.values():
        if foreign := [cell for cell in module.instances() if cell.kind not in modules]:
            driven = set(_driven(module, known, foreign))
            for cell in foreign:
                known[cell.kind] = {
                    port: "input" if driven.issuperset(bits) else "output"
                    for port, bits in cell.ports.items()
                }
    return known


def _driven(module: RtlModule, directions: Directions, but: Sequence[Cell]) -> Iterator[Bit]:
    """Yield the bits that something else than some cells drives; constants are driven."""
    yield from (ZERO, ONE, ANY)
    for wire in module.wires.values():
        if wire.direction == "input":
            yield from wire.bits
    for cell in module.cells:
        if cell not in but:
            for port, bits in cell.ports.items():
                if is_output(cell, port, directions):
                    yield from bits
    for process in module.processes:
        for bits in targets_of(process):
            yield from bits
    for target, _ in module.connects:
        yield from target


def is_output(cell: Cell, port: str, directions: Directions) -> bool:
    """Return whether a cell drives a port of its own."""
    if cell.is_instance:
        return directions[cell.kind][port] == "output"
    return port == _OUTPUTS.get(cell.kind, "Y")


def driven_by_cells(module: RtlModule, directions: Directions) -> Iterator[tuple[Cell, str, Bits]]:
    """Yield the cells' outputs: the cell, the port and its word."""
    for cell in module.cells:
        for port, bits in cell.ports.items():
            if is_output(cell, port, directions):
                yield cell, port, bits


def read_words(module: RtlModule, directions: Directions) -> Iterator[Bits]:
    """Yield the words that cells, processes and connections read, each as often as it is read."""
    for cell in module.cells:
        for port, bits in cell.ports.items():
            if not is_output(cell, port, directions):
                yield bits
    for process in module.processes:
        yield from read_by(process)
    for _, value in module.connects:
        yield value


def read_by(statements: list[Statement]) -> Iterator[Bits]:
    """Yield the words that statements read."""
    for statement in statements:
        if isinstance(statement, Assign):
            yield statement.value
        else:
            yield statement.subject
            for case in statement.cases:
                yield from read_by(case.statements)


def targets_of(statements: list[Statement]) -> Iterator[Bits]:
    """Yield the words that statements drive."""
    for statement in statements:
        if isinstance(statement, Assign):
            yield statement.target
        else:
            for case in statement.cases:
                yield from targets_of(case.statements)


def root_of(module: RtlModule) -> Callable[[Bit], Bit]:
    """Return what gives of a bit the one that it is connected to in the end."""
    sources = module.sources

    def root(bit: Bit) -> Bit:
        while bit in sources:
            bit = sources[bit]
        return bit

    return root


def renamed(
    module: RtlModule, directions: Directions, reads: Renaming, drives: Renaming | None = None
) -> None:
    """Put other bits in the places of those that a module reads, and of those that it drives."""
    drives = drives or (lambda bits: bits)
    for cell in module.cells:
        for port, bits in cell.ports.items():
            one = drives if is_output(cell, port, directions) else reads
            cell.ports[port] = one(bits)
    for process in module.processes:
        _rename_statements(process, reads, drives)
    module.connects = [(drives(target), reads(value)) for target, value in module.connects]


def _rename_statements(statements: list[Statement], reads: Renaming, drives: Renaming) -> None:
    for statement in statements:
        if isinstance(statement, Switch):
            statement.subject = reads(statement.subject)
            for case in statement.cases:
                _rename_statements(case.statements, reads, drives)
        else:
            statement.target = drives(statement.target)
            statement.value = reads(statement.value)
