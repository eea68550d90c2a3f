"""Proofs of units: what is claimed of each is decided, and gives a record."""

from collections.abc import Iterable, Iterator

from macsmith.catalog.catalog import check_driven, lookup
from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.formal.arithmetic import building_blocks
from macsmith.formal.claim import Claim, Proof, Prover, Subject, decided
from macsmith.formal.streams.wrapper_rules import WrapperProver


def prover(name: str, boundary: str = "unit") -> Prover:
    """Return what claims something of a unit, of its wrapper, or of all building blocks."""
    if name == building_blocks.NAME:
        return building_blocks.BlockProver()
    found = lookup(name).load("proof")(name)
    whole: Prover = WrapperProver(found) if check_driven(name, boundary) == AXI_STREAM else found
    return whole


def subjects(names: Iterable[str], *, quick: bool = False, boundary: str = "unit") -> list[Subject]:
    """Return the specifications that are proved of some units.

    Parameters
    ----------
    quick:
        Whether to leave out all but those that each run of the tests proves.
    boundary:
        Where the units are cut.
    """
    every = [subject for name in names for subject in prover(name, boundary).subjects()]
    return [subject for subject in every if subject.quick or not quick]


def proofs_of(subject: Subject, own: Prover, claims: Iterable[Claim]) -> Iterator[Proof]:
    """Yield the records of some claims of a specification, by its prover."""
    rtl = own.fingerprint(subject.spec)
    for claim in claims:
        yield decided(subject, rtl, claim)
