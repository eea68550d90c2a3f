"""A page of the documentation: its marked regions, and what is measured for them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from macsmith.library.technology import Technology

Row = dict[str, Any]
"""One record as its file has it: JSON, with the keys that a page needs beside its own."""

Records = list[Row]
"""What one measurement found."""


def rows_of(records: Iterable[Mapping[str, Any]]) -> Records:
    """Return records of the flow as rows, to which a page adds keys of its own."""
    return [dict(record) for record in records]


@dataclass(frozen=True)
class LibraryRun:
    """The records that one library gave, and what they depend on.

    Members
    -------
    library, library_sha256:
        Name and content of the library; empty where nothing depends on it.
    versions:
        Of macsmith, of the tools, and of Amaranth.
    wires:
        The model of wires.
    commit:
        Of macsmith's sources, with a remark if they differed from it.
    date:
        Day of the measurement.
    """

    library: str
    library_sha256: str
    versions: Mapping[str, str]
    wires: str
    commit: str
    date: str
    records: Records


@dataclass(frozen=True)
class Measured:
    """Records that a file holds under one name.

    Members
    -------
    measure:
        Measures it on one library, or says which other command does.
    several:
        Whether there is a run of each library; else there is one run.
    on_library:
        Whether what it finds depends on the library.
    file:
        Name of the file if several pages show it; else it is the page's own.
    """

    name: str
    measure: Callable[[Technology], Records] | str
    several: bool = False
    on_library: bool = True
    file: str | None = None


def records_of(file: str, name: str) -> Measured:
    """Return what a page other than its own shows of a file's records."""
    return Measured(name, f"macsmith figures '{file}/{name}' --tech ...", file=file)


@dataclass(frozen=True)
class Shown:
    """What stands in a region, and the SVG files in docs/img that it shows."""

    text: str
    pictures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Region:
    """A region of a page that follows from the sources and from what is committed with them."""

    name: str
    show: Callable[[], Shown]


@dataclass(frozen=True)
class MeasuredRegion:
    """A region of a page that follows from records."""

    name: str
    measured: Measured
    show: Callable[[Sequence[LibraryRun]], Shown]


@dataclass(frozen=True)
class GatheredRegion:
    """A region of a page that sums up records of several files, and says which there are not."""

    name: str
    measured: tuple[Measured, ...]
    show: Callable[[Mapping[str, Sequence[LibraryRun]]], Shown]


@dataclass(frozen=True)
class Page:
    """A page: its file, and its regions in order."""

    file: str
    regions: tuple[Region | MeasuredRegion | GatheredRegion, ...]

    @property
    def measured(self) -> tuple[Measured, ...]:
        """All that is measured for the page."""
        regions = (one for one in self.regions if isinstance(one, MeasuredRegion))
        return tuple(dict.fromkeys(one.measured for one in regions))
