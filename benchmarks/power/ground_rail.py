"""Energies that a library states of ground pins, which our reader leaves out."""

import gzip
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from macsmith.library import liberty_reader
from macsmith.library.cell_library import Library
from macsmith.library.liberty_parser import LibertyGroup, read
from macsmith.library.technology import Technology

_TYPES = {"power": "ground", "ground": "power"}


def ground_side(tech: Technology) -> Library | None:
    """Return a library with its two supplies exchanged; None if it has no energy of a ground pin.

    What our reader keeps of it is what it has left out of the library as it is.
    """
    if not any(_states_ground(read(path)) for path in tech.liberty):
        return None
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
