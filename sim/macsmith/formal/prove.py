"""Proofs of units: what is claimed of each is decided, and gives a record."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from macsmith.catalog.catalog import lookup
from macsmith.catalog.fingerprint import fingerprint
from macsmith.formal.claim import Claim, Proof, Prover, Subject, decided


def prover(name: str) -> Prover:
    """Return what claims something of a unit."""
    found: Prover = lookup(name).load("proof")(name)
    return found


def subjects(names: Iterable[str], *, quick: bool = False) -> list[Subject]:
    """Return the specifications that are proved of some units.

    Parameters
    ----------
    quick:
        Whether to leave out all but those that each run of the tests proves.
    """
    every = [subject for name in names for subject in prover(name).subjects()]
    return [subject for subject in every if subject.quick or not quick]


def prove(
    chosen: Sequence[Subject], done: Callable[[str], None] = lambda title: None
) -> list[Proof]:
    """Decide all claims of some specifications, and return the records.

    Parameters
    ----------
    done:
        Called with a specification's title when its claims are decided.
    """
    proofs: list[Proof] = []
    for subject in chosen:
        proofs += proofs_of(subject, prover(subject.unit).claims(subject.spec))
        done(f"{subject.unit} {subject.variant}".strip())
    return proofs


def proofs_of(subject: Subject, claims: Iterable[Claim]) -> Iterator[Proof]:
    """Yield the records of some claims of a specification."""
    rtl = fingerprint(subject.unit, subject.spec)
    for claim in claims:
        yield decided(subject, rtl, claim)
