"""Energies in the tables of ``macsmith run``: of a layer, of all, and what they are of."""

from collections.abc import Sequence

from macsmith.library.technology import Technology


def energy_key(tech: Technology | None) -> str:
    """Return the name of an energy in JSON."""
    return "energy_c0v2" if tech and tech.embedded else "energy_uj"


def energy_headings(tech: Technology | None) -> list[str]:
    """Return the heading of the column of energies, if there is one."""
    return [] if tech is None else ["C0V2" if tech.embedded else "uJ"]


def energy_cells(energies: Sequence[float | None]) -> list[str]:
    """Return the cell of layers together, if there is such a column."""
    known = [one for one in energies if one is not None]
    return [f"{sum(known):.4g}"] if known else []


def energy_note(tech: Technology | None) -> str | None:
    """Return what the energies are of."""
    if tech is None:
        return None
    return (
        f"energies are of the PEs on {tech.name}, all places of each tile at work on the layer's "
        "operands; waiting, memories and what moves operands are not in them"
    )
