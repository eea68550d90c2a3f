"""What a library states and our reader leaves out, but OpenSTA counts."""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from macsmith.library import liberty_reader
from macsmith.library.cell_library import Library
from macsmith.library.liberty_parser import LibertyGroup, read
from macsmith.library.technology import Technology

_TYPES = {"power": "ground", "ground": "power"}


@dataclass(frozen=True)
class LeftOut:
    """What is left out of a library.

    Members
    -------
    ground
        The library with its two supplies exchanged, of which our reader keeps what it leaves out of
        the library as it is; None if that has no energy of a ground pin.
    general
        Cells of which the library states a leakage as a whole, beside groups for each state.
    """

    ground: Library | None
    general: frozenset[str]


def left_out(tech: Technology) -> LeftOut:
    """Return what is left out of a library."""
    libraries = [read(path) for path in tech.liberty]
    general = frozenset(
        name
        for library in libraries
        for cell in library.select("cell")
        if "cell_leakage_power" in cell.attributes
        for name in cell.names
    )
    ground = _ground_side(tech) if any(map(_states_ground, libraries)) else None
    return LeftOut(ground, general)


def _ground_side(tech: Technology) -> Library:
    with TemporaryDirectory() as folder:
        exchanged = [Path(folder) / path.stem for path in tech.liberty]
        for path, other in zip(tech.liberty, exchanged, strict=True):
            data = path.read_bytes()
            plain = gzip.decompress(data) if path.suffix == ".gz" else data
            other.write_text(_exchanged(plain.decode(errors="replace")))
        return liberty_reader.load(exchanged)


def _exchanged(text: str) -> str:
    """Return a Liberty file with power for ground pins and ground for power pins."""
    return re.sub(
        r"(pg_type\s*:\s*\"?primary_)(power|ground)",
        lambda found: found[1] + _TYPES[found[2]],
        text,
    )


def _states_ground(library: LibertyGroup) -> bool:
    return any(
        power.attributes.get("related_pg_pin") in _grounds(cell)
        for cell in library.select("cell")
        for pin in cell.select("pin")
        for power in pin.select("internal_power")
        if "related_pg_pin" in power.attributes
    )


def _grounds(cell: LibertyGroup) -> set[str]:
    return {
        pin.name for pin in cell.select("pg_pin") if "ground" in pin.attributes.get("pg_type", "")
    }
