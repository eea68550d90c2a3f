"""Where a technology came from: what tasks take with them in its place."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from macsmith.contract.errors import UserError
from macsmith.library.technology import Conditions, Technology
from macsmith.library.technology_reader import from_liberty


@dataclass(frozen=True)
class Source:
    """The files of a technology, the hash of what they hold, and what is assumed beyond them.

    It is much smaller than what they say.
    """

    name: str
    liberty: tuple[Path, ...]
    sha256: str
    conditions: Conditions

    @classmethod
    def of(cls, tech: Technology) -> Self:
        """Return where a technology came from."""
        source = cls(tech.name, tech.liberty, tech.sha256, tech.conditions)
        _READ[source] = tech
        return source

    def read(self) -> Technology:
        """Return the technology, read once in each process."""
        if self not in _READ:
            tech = from_liberty(self.name, self.liberty, self.conditions)
            if tech.sha256 != self.sha256:
                raise UserError(f"{self.liberty[0]} must stay as it is while it is measured on")
            _READ[self] = tech
        return _READ[self]


_READ: dict[Source, Technology] = {}
