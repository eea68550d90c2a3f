"""The quick part of what `macsmith prove --all` decides, in every run of the tests."""

import pytest

from macsmith.catalog.catalog import units
from macsmith.catalog.fingerprint import fingerprint
from macsmith.formal.claim import BOUNDED, Subject
from macsmith.formal.provers import proofs_of, prover, subjects

QUICK = subjects(units(), quick=True)

LIKE_ANOTHER = ("exp2", "ln", "log2", "sigmoid", "gelu", "fp-int-separate")
"""Units made by the generator of another one that is proved here; their proofs are slow tests."""


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(
            subject,
            id=subject.title,
            marks=pytest.mark.slow if subject.unit in LIKE_ANOTHER else (),
        )
        for subject in QUICK
    ],
)
def test_what_is_claimed_holds(subject: Subject) -> None:
    own = prover(subject.unit)
    proofs = list(proofs_of(subject, own, own.quick_claims(subject.spec)))
    assert [proof for proof in proofs if not proof.holds or proof.verdict == BOUNDED] == []
    assert len({proof.claim for proof in proofs}) == len(proofs)
    assert {proof.rtl for proof in proofs} == {fingerprint(subject.unit, subject.spec)}


def test_every_unit_claims_something() -> None:
    assert {subject.unit for subject in subjects(units())} == set(units())
