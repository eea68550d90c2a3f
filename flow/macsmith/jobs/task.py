"""A piece of work behind records: it makes entries of the cache, in any process.

    RTLIL of a unit  ──▶  netlist with area and timing  ──▶  energies

A task states which entries it needs and which it gives, so that it can also run where the cache is
another one: the entries travel with it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from macsmith.jobs.result_store import Address, holds


class Task(ABC):
    """One piece of work."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What it is, in a few words."""

    @abstractmethod
    def gives(self) -> tuple[Address, ...]:
        """Return the entries that it makes; it is done if the first is kept."""

    def needs(self) -> tuple[Address, ...]:
        """Return the entries that it reads; one that is missing it makes by itself."""
        return ()

    @abstractmethod
    def run(self) -> None:
        """Have its entries made and kept, unless they are."""

    def done(self) -> bool:
        """Return whether there is nothing left to do."""
        return holds(self.gives()[0])


T = TypeVar("T", bound=Task)

Outcome = tuple[T, BaseException | None]
"""A task that has ended, and what went wrong, if anything."""


class Runner(Protocol):
    """What runs tasks: processes of this machine or of many."""

    def run(self, tasks: Iterable[T]) -> Iterator[Outcome[T]]:
        """Run tasks and yield each as it ends, its entries then being in the cache here."""
