"""A design as the writer sees it: modules of wires, cells, processes and memories, bit by bit."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

Bit = tuple[str, int]
"""A bit of a wire, by its name and place; a constant has no name, and its value for a place."""

Bits = tuple[Bit, ...]
"""A word, its lowest bit first."""

ZERO, ONE, ANY = ("", 0), ("", 1), ("", 2)
"""The constants; the last may be either."""


REGISTERS = frozenset({"$dff", "$adff"})
"""Kinds of cells that are registers."""

READ_PORT, WRITE_PORT = "$memrd_v2", "$memwr_v2"
"""Kinds of cells that are ports of memories."""

CLOCKED = REGISTERS | {READ_PORT, WRITE_PORT, "$meminit_v2"}
"""Cells whose outputs do not follow their inputs in the same cycle."""


@dataclass
class Wire:
    """A wire of a module.

    Members
    -------
    width
        Its bits.
    direction
        ``input`` or ``output``; empty within the module.
    wish
        What it would rather be called; empty for its name.
    """

    name: str
    width: int
    direction: str = ""
    wish: str = ""

    @property
    def bits(self) -> Bits:
        """All its bits."""
        return tuple((self.name, place) for place in range(self.width))

    @property
    def is_named(self) -> bool:
        """Whether a generator has named it, or it is a port."""
        return bool(self.direction) or not self.name.startswith("$")

    @property
    def is_well_named(self) -> bool:
        """Whether its name is not one of those that Amaranth has made up."""
        return not self.name.startswith(("$", "port$"))


@dataclass
class Cell:
    """An operator, a register, a port of a memory or an instance of a module.

    Members
    -------
    kind
        ``$add`` for operators and so on; the module's name for an instance.
    """

    kind: str
    name: str
    parameters: dict[str, str | int] = field(default_factory=dict)
    ports: dict[str, Bits] = field(default_factory=dict)

    @property
    def is_instance(self) -> bool:
        """Whether it is an instance of a module."""
        return not self.kind.startswith("$")

    def flag(self, parameter: str) -> bool:
        """Return whether a parameter is other than zero."""
        return int(self.parameters.get(parameter, 0)) != 0


@dataclass
class Assign:
    """A statement of a process that gives a word a value."""

    target: Bits
    value: Bits


@dataclass
class Case:
    """A branch of a switch, taken for words that fit one of its patterns; without any, for all.

    A pattern is written with its highest bit first, of ``0``, ``1`` and ``-`` for either.
    """

    patterns: tuple[str, ...]
    statements: "list[Statement]" = field(default_factory=list)


@dataclass
class Switch:
    """A statement of a process that does what the first case that fits says."""

    subject: Bits
    cases: list[Case] = field(default_factory=list)


Statement = Assign | Switch


@dataclass
class Memory:
    """Words that registers of their own would be too many for."""

    name: str
    width: int
    depth: int


@dataclass
class RtlModule:
    """A module.

    Members
    -------
    connects
        Pairs of words, the left driven by the right.
    """

    name: str
    wires: dict[str, Wire] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    processes: list[list[Statement]] = field(default_factory=list)
    memories: dict[str, Memory] = field(default_factory=dict)
    connects: list[tuple[Bits, Bits]] = field(default_factory=list)

    @property
    def sources(self) -> dict[Bit, Bit]:
        """What each connected bit is driven by."""
        return {
            to: of
            for target, value in self.connects
            for to, of in zip(target, value, strict=True)
        }  # fmt: skip

    @property
    def ports(self) -> list[Wire]:
        """Its ports that have bits, clock and reset first, then inputs, then outputs."""
        ports = [wire for wire in self.wires.values() if wire.direction and wire.width]
        return sorted(ports, key=_use)

    def instances(self) -> Iterator[Cell]:
        """Yield the instances of modules."""
        return (cell for cell in self.cells if cell.is_instance)


def _use(port: Wire) -> tuple[int, int]:
    first = {"clk": 0, "rst": 1}.get(port.name, 2)
    return first, port.direction == "output"


def without(items: Sequence[T], taken: Iterable[T]) -> list[T]:
    """Return the items of a module that were not taken, which are the same objects, not equal ones.

    One pass over all of them: modules have tens of thousands of cells, which are slow to compare.
    """
    gone = {id(item) for item in taken}
    return [item for item in items if id(item) not in gone]


def runs(bits: Sequence[Bit]) -> Iterator[Bits]:
    """Yield the longest stretches of a word that are consecutive bits of one wire, lowest first.

    >>> list(runs([("a", 2), ("a", 3), ("b", 0)]))
    [(('a', 2), ('a', 3)), (('b', 0),)]
    """
    start = 0
    for place in range(1, len(bits) + 1):
        if place < len(bits):
            (name, at), (before, below) = bits[place], bits[place - 1]
            if name == before and (not name or at == below + 1):
                continue
        yield tuple(bits[start:place])
        start = place
