"""Heaps that add as a specification says."""

from typing import Protocol

from amaranth import Module

from macsmith.arith.bit_heap import BitHeap
from macsmith.contract.checks import check_choice

CHOICES = {
    "adder": ("auto", "ripple", "brent-kung", "sklansky", "kogge-stone"),
    "arith": ("heap", "operators"),
    "compressor": ("3:2", "4:2"),
}
"""What a specification may say, by parameter."""


class Adding(Protocol):
    """What a specification says of sums."""

    @property
    def adder(self) -> str:
        """The carry network of final adders."""

    @property
    def arith(self) -> str:
        """``heap``, or ``operators`` for ``+``."""

    @property
    def compressor(self) -> str:
        """What reduces tall columns."""


def heap_of(m: Module, how: Adding, width: int, name: str, leaves: bool = True) -> BitHeap:
    """Return an empty heap."""
    return BitHeap(
        m, width, name, network=how.adder, leaves=leaves, wide=how.compressor == "4:2",
        operators=how.arith == "operators",
    )  # fmt: skip


def check_adding(how: Adding) -> None:
    """Raise a sentence if a parameter of sums has no meaning."""
    for name, allowed in CHOICES.items():
        check_choice(name, getattr(how, name), allowed)
