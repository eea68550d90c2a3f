"""The specifications that ``verify --all`` tries, as each unit's specification states them.

Kinds that a design cannot have are left out by the rules of its specification; `refusals` names
them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from macsmith.catalog.catalog import lookup, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec


@dataclass(frozen=True)
class Variant:
    """One specification to try.

    Members
    -------
    unit:
        Name in the catalogue.
    design:
        The published design, such as ``"levels=2"``; empty for the only one of its style.
    kind:
        What sets it apart from the default of its design.
    """

    unit: str
    design: str
    kind: str
    spec: UnitSpec


def variants(units: Iterable[str]) -> list[Variant]:
    """Return the variants of some units, those of a design together, its default first."""
    return [entry for entry, refused in _tried(units) if not refused]


def refusals(units: Iterable[str]) -> dict[tuple[str, str, str], str]:
    """Return why (unit, design, kind) cannot be built, for each that cannot."""
    return {(one.unit, one.design, one.kind): refused for one, refused in _tried(units) if refused}


def _tried(units: Iterable[str]) -> Iterator[tuple[Variant, str]]:
    """Yield each variant, and why it is refused if it is."""
    for unit in units:
        for (design, kind), parameters in lookup(unit).spec.variants().items():
            try:
                yield Variant(unit, design, kind, make_spec(unit, parameters)), ""
            except UserError as error:
                yield Variant(unit, design, kind, make_spec(unit)), str(error)
