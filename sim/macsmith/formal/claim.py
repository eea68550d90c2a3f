"""What is claimed of a unit, what was found of it, and the record of both."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

PROVED, INDUCTION, EXHAUSTIVE, BOUNDED, FAILED = (
    "proved", "induction", "exhaustive", "bounded", "failed",
)  # fmt: skip
"""Verdicts: for all states and inputs at once; by an invariant of all reachable states; all inputs
tried; no fault within a depth; a fault."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of a claim.

    Members
    -------
    verdict:
        One of the verdicts above.
    solver:
        What decided, and its version.
    depth:
        Clock cycles that the proof's step spans, or of the runs that were tried.
    counterexample:
        Of a failure a sentence; else empty.
    """

    verdict: str
    solver: str
    depth: int = 0
    counterexample: str = ""

    @property
    def holds(self) -> bool:
        """Whether the claim was not refuted."""
        return self.verdict != FAILED


@dataclass(frozen=True)
class Claim:
    """A sentence about a unit, and what decides it."""

    text: str
    decide: Callable[[], Finding]


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The record of a claim.

    Members
    -------
    unit, variant, parameters:
        What it is of.
    rtl:
        Fingerprint of the unit's RTL.
    claim:
        What is claimed.
    verdict, depth, solver, counterexample:
        See `Finding`.
    seconds:
        How long it took to decide.
    date:
        The day on which it was decided, as 2026-01-31.
    """

    unit: str
    variant: str
    parameters: Mapping[str, Any]
    rtl: str
    claim: str
    verdict: str
    depth: int
    solver: str
    counterexample: str
    seconds: float
    date: str

    @property
    def holds(self) -> bool:
        """Whether the claim was not refuted."""
        return self.verdict != FAILED

    @property
    def title(self) -> str:
        """The unit, and the variant if there is one."""
        return f"{self.unit} {self.variant}".strip()

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A specification of which something is claimed.

    Members
    -------
    variant:
        What sets it apart from others of the unit; empty if it is the only one.
    quick:
        Whether its claims are among those that every run of the tests decides.
    boundary:
        Where the unit is cut: ``unit``, or ``axi-stream`` for its wrapper.
    """

    unit: str
    spec: Any
    variant: str = ""
    quick: bool = False
    boundary: str = "unit"

    @property
    def title(self) -> str:
        """The unit, and the variant if there is one."""
        return f"{self.unit} {self.variant}".strip()


class Prover(Protocol):
    """What is claimed of units of a family; made of a unit's name."""

    def __init__(self, name: str) -> None: ...

    def subjects(self) -> Iterable[Subject]:
        """Return the specifications that `macsmith prove --all` takes."""

    def fingerprint(self, spec: Any) -> str:
        """Return a short name of the RTL of a specification."""

    def claims(self, spec: Any) -> Iterable[Claim]:
        """Return what is claimed of a specification."""

    def quick_claims(self, spec: Any) -> Iterable[Claim]:
        """Return those of these claims that every run of the tests decides."""


def decided(subject: Subject, rtl: str, claim: Claim) -> Proof:
    """Decide a claim, and return its record."""
    start = time.perf_counter()
    found = claim.decide()
    return Proof(
        unit=subject.unit, variant=subject.variant, parameters=subject.spec.parameters(), rtl=rtl,
        claim=claim.text, seconds=round(time.perf_counter() - start, 3),
        date=date.today().isoformat(), **asdict(found),
    )  # fmt: skip
