"""A processor that skips what zeros make needless: its table, and a machine that runs in order.

Sen et al., "SparCE" (IEEE Transactions on Computers; arXiv 1711.06315).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from macsmith.golden.sparse.codecs import Beats

FETCH, WRITEBACK, ENTRY, CLEAR = range(4)


@dataclass(frozen=True)
class Entry:
    """Instructions that are not needed if registers are zero.

    Members
    -------
    address:
        Of the first of them.
    first, second:
        The registers.
    both:
        Whether both must be zero, else one.
    skip:
        How many instructions they are.
    """

    address: int
    first: int
    second: int
    both: bool
    skip: int


@dataclass
class Table:
    """Entries by place, and registers that are known to be zero."""

    entries: dict[int, Entry] = field(default_factory=dict)
    zero: set[int] = field(default_factory=set)

    def wrote(self, register: int, value: int) -> None:
        """Note a result."""
        (self.zero.discard if value else self.zero.add)(register)

    def skip(self, address: int) -> int:
        """Return how many instructions from an address on are not needed."""
        for _, entry in sorted(self.entries.items()):
            if entry.address == address:
                known = [one in self.zero for one in (entry.first, entry.second)]
                return entry.skip if (all if entry.both else any)(known) else 0
        return 0


class SkipTableModel:
    """What the table answers to beats."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.table = Table()

    def answers(self, packets: Iterable[Beats]) -> Iterator[tuple[Beats, int]]:
        """Yield what becomes of beats that follow a reset, and the most cycles they take."""
        self.table = Table()
        for beats in packets:
            found = []
            for at in range(len(beats["kind"])):
                one = {name: int(values[at, 0]) for name, values in beats.items()}
                found.append({"address": 0, "skipped": 0, "error": 0} | self._answer(one))
            yield (
                {name: np.array([[one[name]] for one in found]) for name in found[0]}, len(found)
            )  # fmt: skip

    def _answer(self, beat: dict[str, int]) -> dict[str, int]:
        spec, table = self.spec, self.table
        if beat["kind"] == CLEAR:
            self.table = Table()
        elif beat["kind"] == WRITEBACK:
            table.wrote(beat["first"], beat["value"])
        elif beat["kind"] == ENTRY:
            if beat["place"] >= spec.entries:
                return {"error": 1}
            table.entries.pop(beat["place"], None)
            if beat["skip"]:
                table.entries[beat["place"]] = Entry(
                    beat["address"], beat["first"], beat["second"], bool(beat["both"]), beat["skip"]
                )
        else:
            address = beat["address"]
            skip = table.skip(address)
            same = sum(one.address == address for one in table.entries.values())
            return {
                "address": (address + skip) % 2**spec.address_width, "skipped": int(skip > 0),
                "error": int(same > 1),
            }  # fmt: skip
        return {}


@dataclass(frozen=True)
class Instruction:
    """An instruction of the machine.

    ``load`` reads memory at a register into another; ``mac`` adds a product; ``add`` adds a number;
    ``loop`` counts a register down and goes back while it is not zero.

    Members
    -------
    name:
        One of the four.
    target:
        The register that is written.
    first, second:
        The registers that are read.
    number:
        Of ``add`` what is added; of ``loop`` the address it goes to.
    """

    name: str
    target: int
    first: int = 0
    second: int = 0
    number: int = 0


@dataclass
class Machine:
    """A processor that runs in order, an instruction a cycle.

    Members
    -------
    memory:
        Words.
    registers:
        Values.
    table:
        What it skips by; nothing if None.
    fetched, skipped:
        Instructions.
    """

    memory: Sequence[int]
    registers: list[int] = field(default_factory=lambda: [0] * 32)
    table: Table | None = None
    fetched: int = 0
    skipped: int = 0

    def run(self, program: Sequence[Instruction]) -> None:
        """Run a program to its end."""
        address = 0
        while address < len(program):
            skip = self.table.skip(address) if self.table else 0
            if skip:
                self.skipped += skip
                address += skip
                continue
            self.fetched += 1
            address = self._step(address, program[address])

    def _step(self, address: int, one: Instruction) -> int:
        """Do an instruction; return the next one's address."""
        values = self.registers
        found = {
            "load": lambda: self.memory[values[one.first]],
            "mac": lambda: values[one.target] + values[one.first] * values[one.second],
            "add": lambda: values[one.first] + one.number,
            "loop": lambda: values[one.target] - 1,
        }[one.name]()
        values[one.target] = found
        if self.table:
            self.table.wrote(one.target, found)
        return one.number if one.name == "loop" and found else address + 1


ACT, WEIGHT, ACT_AT, WEIGHT_AT, AT, LEFT, SUMS = range(1, 8)
"""Registers of `dot_products`; sums from the last on."""


def dot_products(weights: int) -> tuple[list[Instruction], Table]:
    """Return a loop that adds up so many dot products, and what a zero makes needless in it.

    Of each activation it loads as many weights, and adds their products to sums of their own. An
    activation of zero leaves loads and products out; what they would write is read by no other
    instruction, and sums stay as they are.
    """
    program = [Instruction("load", ACT, ACT_AT), Instruction("add", ACT_AT, ACT_AT, number=1)]
    first = len(program)
    for number in range(weights):
        program += [
            Instruction("add", AT, WEIGHT_AT, number=number),
            Instruction("load", WEIGHT, AT),
            Instruction("mac", SUMS + number, ACT, WEIGHT),
        ]
    skip = len(program) - first
    program += [
        Instruction("add", WEIGHT_AT, WEIGHT_AT, number=weights),
        Instruction("loop", LEFT, number=0),
    ]
    return program, Table({0: Entry(first, ACT, ACT, True, skip)})
