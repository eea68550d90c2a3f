"""Verification of units in both layers: protocol on simulators, bulk on compiled RTL."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from macsmith.catalog.catalog import lookup
from macsmith.contract.unit import DEFAULT
from macsmith.host.threads import in_threads
from macsmith.host.verification_run import Run
from macsmith.verify.plan import Plan, Verification
from macsmith.verify.variants import variants

BULK = "bulk"

Piece = TypeVar("Piece")
"""What is done with a case at a time; its text names it."""


@dataclass(frozen=True)
class Case:
    """A specification to verify, and how.

    Members
    -------
    variant:
        What sets it apart from other specifications of the unit; empty if it is the only one.
    """

    unit: str
    spec: Any
    plan: Plan
    variant: str = ""

    @property
    def title(self) -> str:
        """The unit, and the variant if there is one."""
        return f"{self.unit} {self.variant}".strip()


def every_case(units: Iterable[str], plan: Plan) -> list[Case]:
    """Return all variants of some units: defaults by the plan, the others by a shorter one."""
    shorter = plan.shorter()
    return [
        Case(
            variant.unit,
            variant.spec,
            plan if variant.kind == DEFAULT else shorter,
            ", ".join(filter(None, (variant.design, variant.kind))),
        )
        for variant in variants(units)
    ]


def parts(cases: Sequence[Case]) -> list[tuple[Case, str]]:
    """Return the parts of a verification: each case in bulk and on each of its simulators."""
    return [(case, what) for case in cases for what in (*_bulk_of(case), *case.plan.simulators)]


def _bulk_of(case: Case) -> tuple[str, ...]:
    """Return the bulk layer if it can run here."""
    return () if verification(case.unit).missing_for_bulk() else (BULK,)


def verification(name: str) -> Verification:
    """Return how a unit is compared with its golden model."""
    found: Verification = lookup(name).load("verification")(name)
    return found


def verify(
    cases: Sequence[Case],
    folder: Path,
    done: Callable[[str, str], None] = lambda title, what: None,
) -> list[Run]:
    """Compare units with their golden models and return the runs, in a fixed order.

    Parameters
    ----------
    folder:
        Where logs and waveforms go, one folder for each case and simulator.
    done:
        Called with a case's title and "bulk" or a simulator when that part is finished.
    """

    def job(case: Case, what: str) -> list[Run]:
        try:
            return _runs(case, what, folder)
        except RuntimeError as error:
            layer, simulator = (BULK, "") if what == BULK else ("protocol", what)
            return [failed(case, layer, simulator, error)]

    return side_by_side(parts(cases), job, done)


def side_by_side(
    pieces: Sequence[tuple[Case, Piece]],
    job: Callable[[Case, Piece], list[Run]],
    done: Callable[[str, str], None],
) -> list[Run]:
    """Return the runs of all pieces of cases, in a fixed order, some at a time.

    A piece that ends without a verdict gives a run that says why; the others go on. What is
    interrupted ends with the pieces that are under way; compiled models are kept for the next time.
    """

    def one(case: Case, piece: Piece) -> list[Run]:
        runs = job(case, piece)
        done(case.title, str(piece))
        return [replace(run, variant=case.variant) for run in runs]

    return [run for runs in in_threads([partial(one, *piece) for piece in pieces]) for run in runs]


def failed(case: Case, layer: str, simulator: str, error: Exception) -> Run:
    """Return the run of a piece that ended without a verdict."""
    return Run(
        case.unit, case.spec.parameters(), "", layer, simulator, case.plan.seed, failure=str(error)
    )


def work_folder(folder: Path, *words: str) -> Path:
    """Return the folder of a piece, named after it."""
    return folder / "-".join(re.findall(r"[\w=]+", " ".join(words)))


def _runs(case: Case, what: str, folder: Path) -> list[Run]:
    how = verification(case.unit)
    if what == BULK:
        return list(how.bulk(case.spec, case.plan))
    return how.protocol(case.spec, what, work_folder(folder, case.title, what), case.plan)
