"""The pieces of work behind records: each makes one entry of the cache, in any process.

    RTLIL of a unit  ──▶  netlist with area and timing  ──▶  energies

A task states which entries it needs and which it gives, so that it can also run where the cache is
another one: the entries travel with it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self, TypeVar

from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec
from macsmith.jobs.energy_job import energies_of, energy_address
from macsmith.jobs.icarus_check_job import check_address, checks_of
from macsmith.jobs.netlist_job import Job, design, design_address, key_of, measured
from macsmith.jobs.result_store import Address, holds
from macsmith.library.technology import Technology
from macsmith.library.technology_reader import from_liberty
from macsmith.operands.stimulus import Stimulus


@dataclass(frozen=True)
class Source:
    """The files of a technology and the hash of what they hold; much smaller than what they say."""

    name: str
    liberty: tuple[Path, ...]
    sha256: str

    @classmethod
    def of(cls, tech: Technology) -> Self:
        """Return where a technology came from."""
        source = cls(tech.name, tech.liberty, tech.sha256)
        _READ[source] = tech
        return source

    def read(self) -> Technology:
        """Return the technology, read once in each process."""
        if self not in _READ:
            tech = from_liberty(self.name, self.liberty)
            if tech.sha256 != self.sha256:
                raise UserError(f"{self.liberty[0]} must stay as it is while it is measured on")
            _READ[self] = tech
        return _READ[self]


_READ: dict[Source, Technology] = {}


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


@dataclass(frozen=True)
class Design(Task):
    """The RTLIL of a unit, cut at a boundary."""

    name: str
    spec: UnitSpec
    boundary: str

    @property
    def label(self) -> str:
        """See `Task.label`."""
        return f"{self.name} {self.boundary} design"

    def gives(self) -> tuple[Address, ...]:
        """See `Task.gives`."""
        return (design_address(self.name, self.spec, self.boundary),)

    def run(self) -> None:
        """See `Task.run`."""
        design(self.name, self.spec, self.boundary)


@dataclass(frozen=True)
class Synthesis(Task):
    """The netlist of a job, with its area and timing."""

    job: Job
    tech: Source

    @property
    def label(self) -> str:
        """See `Task.label`."""
        return self.job.label

    def gives(self) -> tuple[Address, ...]:
        """See `Task.gives`."""
        key = key_of(self.job, self.tech.read())
        return ("measurements", key), ("netlists", key)

    def needs(self) -> tuple[Address, ...]:
        """See `Task.needs`."""
        return Design(self.job.name, self.job.spec, self.job.boundary).gives()

    def run(self) -> None:
        """See `Task.run`."""
        measured(self.job, self.tech.read())


@dataclass(frozen=True)
class Energy(Task):
    """The energies of the netlist of a job in all its modes."""

    job: Job
    tech: Source
    stimulus: Stimulus

    @property
    def label(self) -> str:
        """See `Task.label`."""
        return f"{self.job.label} energy"

    def gives(self) -> tuple[Address, ...]:
        """See `Task.gives`."""
        return (energy_address(self.job, self.tech.read(), self.stimulus),)

    def needs(self) -> tuple[Address, ...]:
        """See `Task.needs`."""
        unit = Design(self.job.name, self.job.spec, self.job.within).gives()
        netlist = Synthesis(self.job, self.tech)
        return unit + netlist.needs() + netlist.gives()

    def run(self) -> None:
        """See `Task.run`."""
        energies_of(self.job, self.tech.read(), self.stimulus)


@dataclass(frozen=True)
class IcarusCheck(Task):
    """The cross-check of the netlist of a core with Icarus Verilog."""

    job: Job
    tech: Source

    @property
    def label(self) -> str:
        """See `Task.label`."""
        return f"{self.job.label} cross-check"

    def gives(self) -> tuple[Address, ...]:
        """See `Task.gives`."""
        return (check_address(self.job, self.tech.read()),)

    def needs(self) -> tuple[Address, ...]:
        """See `Task.needs`."""
        unit = Design(self.job.name, self.job.spec, self.job.within).gives()
        netlist = Synthesis(self.job, self.tech)
        return unit + netlist.needs() + netlist.gives()

    def run(self) -> None:
        """See `Task.run`."""
        checks_of(self.job, self.tech.read())


T = TypeVar("T", bound=Task)

Outcome = tuple[T, BaseException | None]
"""A task that has ended, and what went wrong, if anything."""


class Runner(Protocol):
    """What runs tasks: processes of this machine or of many."""

    def run(self, tasks: Iterable[T]) -> Iterator[Outcome[T]]:
        """Run tasks and yield each as it ends, its entries then being in the cache here."""
