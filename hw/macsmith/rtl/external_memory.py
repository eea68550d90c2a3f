"""Memories left out of a design: instances by name, for a technology's macros to take their place.

A component with ``platform = WithoutMemories()`` is elaborated, with all its parts, so that each
memory in it is an instance of a module ``macsmith_memory_WIDTHxDEPTH`` with the ports

    clk                               write and read at its rising edge
    write, write_at, write_data       a word to write
    read, read_at, read_data          a word to read; read_data holds until the next read

A word that is read in the cycle in which it is written is the older one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from amaranth import ClockSignal, Instance

MEMORY = "macsmith_memory_"
"""What the names of their modules begin with."""


@dataclass(frozen=True, order=True)
class MemorySize:
    """Bits of a word, and words."""

    width: int
    depth: int

    @property
    def bits(self) -> int:
        """All its bits."""
        return self.width * self.depth

    @property
    def module(self) -> str:
        """The name of its module."""
        return f"{MEMORY}{self}"

    @property
    def ports(self) -> dict[str, int]:
        """Bits of its ports but for the clock, all inputs but ``read_data``."""
        at = (self.depth - 1).bit_length()
        return {
            "write": 1, "write_at": at, "write_data": self.width,
            "read": 1, "read_at": at, "read_data": self.width,
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.width}x{self.depth}"


class WithoutMemories:
    """What a component is elaborated for whose memories are to be instances without a body."""

    def get_memory(self, memory: Any) -> Instance:
        """Return the instance for a memory of one write port and one read port."""
        (write,), (read,) = memory.write_ports, memory.read_ports
        size = MemorySize(len(write.data), memory.depth)
        return Instance(
            size.module, i_clk=ClockSignal(),
            i_write=write.en, i_write_at=write.addr, i_write_data=write.data,
            i_read=read.en, i_read_at=read.addr, o_read_data=read.data,
        )  # fmt: skip


def sizes_in(text: str) -> list[MemorySize]:
    """Return the sizes of memories that RTLIL or Verilog instantiates, each once."""
    found = re.findall(rf"\b{MEMORY}(\d+)x(\d+)\b", text)
    return sorted({MemorySize(int(width), int(depth)) for width, depth in found})


def memories_in(rtlil: str, top: str) -> dict[str, MemorySize]:
    """Return the memories that a design instantiates, by their places in its hierarchy."""
    if MEMORY not in rtlil:
        return {}
    cells: dict[str, list[tuple[str, str]]] = {}
    module = ""
    for line in rtlil.splitlines():
        if found := re.match(r"module \\(\S+)", line):
            module = found[1]
            cells[module] = []
        elif found := re.match(r"  cell \\(\S+) \\?(\S+)", line):
            # Amaranth numbers names that were taken.
            cells[module].append((found[1], found[2].partition("$")[0]))
    return dict(_memories(cells, top, ""))


def _memories(
    cells: dict[str, list[tuple[str, str]]], module: str, path: str
) -> Iterator[tuple[str, MemorySize]]:
    for kind, name in cells.get(module, ()):
        if kind.startswith(MEMORY):
            width, depth = map(int, kind.removeprefix(MEMORY).split("x"))
            yield f"{path}{name}", MemorySize(width, depth)
        else:
            yield from _memories(cells, kind, f"{path}{name}.")
