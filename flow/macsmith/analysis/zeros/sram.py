"""Energies and areas of memories of any size, by those of macros.

Between sizes that there are, a + b width + c width depth, fitted so that the relative errors are
least: a word's bit lines and sense amplifiers, and what grows with their length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from macsmith.rtl.external_memory import MemorySize


@dataclass(frozen=True)
class Macro:
    """A memory with one port.

    Members
    -------
    depth, width:
        Words, and bits of a word.
    area_um2:
        Its area.
    read_pj, write_pj:
        Energy of an access.
    """

    depth: int
    width: int
    area_um2: float
    read_pj: float
    write_pj: float


@dataclass(frozen=True)
class MacroFamily:
    """Macros of one process.

    Members
    -------
    name:
        Where their figures are from.
    macros:
        Some of their sizes.
    second_port_area:
        How many times the area is if words are read and written in the same cycle.
    """

    name: str
    macros: Sequence[Macro]
    second_port_area: float

    def read_pj(self, size: MemorySize) -> float:
        """Return the energy of reading a word."""
        return self._at("read_pj", size)

    def write_pj(self, size: MemorySize) -> float:
        """Return the energy of writing a word."""
        return self._at("write_pj", size)

    def area_um2(self, size: MemorySize) -> float:
        """Return the area of a memory with a port to read and one to write."""
        return self.second_port_area * self._at("area_um2", size)

    @cached_property
    def largest_error(self) -> dict[str, float]:
        """By how much a macro's own figure is missed at the most, relatively, of each figure."""
        return {
            figure: max(
                abs(self._at(figure, MemorySize(one.width, one.depth)) / getattr(one, figure) - 1)
                for one in self.macros
            )
            for figure in ("area_um2", "read_pj", "write_pj")
        }

    def _at(self, figure: str, size: MemorySize) -> float:
        return float(_terms(size.width, size.depth) @ self._fitted[figure])

    @cached_property
    def _fitted(self) -> dict[str, Any]:
        terms = np.array([_terms(one.width, one.depth) for one in self.macros])
        found = {}
        for figure in ("area_um2", "read_pj", "write_pj"):
            values = np.array([getattr(one, figure) for one in self.macros])
            scaled = terms / values[:, np.newaxis]
            found[figure] = np.linalg.lstsq(scaled, np.ones(len(values)), rcond=None)[0]
        return found


def _terms(width: int, depth: int) -> Any:
    return np.array([1.0, width, width * depth])


IHP = MacroFamily(
    "IHP SG13G2 SRAM, Liberty at 1.2 V and 25 C",
    (
        Macro(64, 64, 50_489, 39.1, 50.5),
        Macro(256, 16, 28_127, 14.2, 18.5),
        Macro(256, 64, 93_181, 49.6, 63.4),
        Macro(512, 32, 79_720, 36.0, 42.3),
        Macro(512, 64, 150_102, 68.9, 80.0),
        Macro(1024, 16, 79_674, 26.5, 32.9),
        Macro(1024, 32, 140_183, 48.3, 58.9),
        Macro(1024, 64, 263_946, 91.8, 110.9),
        Macro(2048, 64, 491_634, 122.0, 155.0),
        Macro(4096, 16, 257_609, 58.6, 72.5),
        Macro(8192, 32, 939_915, 230.0, 239.0),
    ),
    2.0,
)
"""130 nm, published with the open PDK: pJ of a clock edge with the enable up."""
