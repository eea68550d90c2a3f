"""What a family of FPGAs must offer: from a design on a platform to a bitstream."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amaranth import Elaboratable


@dataclass(frozen=True)
class Resource:
    """How many of a device's cells of one kind a design takes."""

    used: int
    available: int


@dataclass(frozen=True)
class Implementation:
    """A placed and routed design.

    Parameters
    ----------
    resources:
        Cells used and available, by kind.
    fmax_by_seed:
        Highest clock in MHz, by seed of the placer.
    bitstream:
        The file of the fastest seed.
    files:
        What else to keep, by the name under which to keep it.
    """

    resources: dict[str, Resource]
    fmax_by_seed: dict[int, float]
    bitstream: Path
    files: dict[str, Path]


@dataclass(frozen=True)
class Toolchain:
    """The tools of a family.

    Parameters
    ----------
    packages:
        The packages on whose versions a bitstream depends.
    check:
        Raises a `UserError` if a tool is not installed.
    implement:
        Takes a fresh platform, the design, an empty folder to work in and the number of seeds.
        Raises a `UserError` if the design is too large or too slow for the board.
    """

    packages: tuple[str, ...]
    check: Callable[[], None]
    implement: Callable[[Any, Elaboratable, Path, int], Implementation]
