"""The registry of all kinds of evidence, in the order of the page's columns."""

from collections.abc import Mapping

from macsmith.contract.errors import UserError, nearest
from macsmith.figures.evidence.full_suite import FULL_SUITE
from macsmith.figures.evidence.fuzzed import FUZZED
from macsmith.figures.evidence.kind import Kind
from macsmith.figures.evidence.mutated import MUTATED
from macsmith.figures.evidence.on_boards import ON_BOARDS
from macsmith.figures.evidence.on_netlists import ON_NETLISTS
from macsmith.figures.evidence.proved import PROVED
from macsmith.figures.evidence.verified import VERIFIED

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (FULL_SUITE, VERIFIED, PROVED, MUTATED, ON_NETLISTS, FUZZED, ON_BOARDS)
}


def kind_of(name: str) -> Kind:
    """Return the kind of that name.

    Raises
    ------
    UserError
        If there is none.
    """
    if name not in KINDS:
        raise UserError(f"evidence must be of a kind, not {name!r}; {nearest(name, KINDS)}")
    return KINDS[name]
