"""Records of proofs as tables in a terminal."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from rich.table import Table

from macsmith.formal.claim import BOUNDED, EXHAUSTIVE, FAILED, INDUCTION, PROVED, Proof
from macsmith.report.terminal.units import LOOK

VERDICTS = (PROVED, INDUCTION, EXHAUSTIVE, BOUNDED, FAILED)
"""Verdicts, the strongest first."""


def each_claim(proofs: Sequence[Proof]) -> Table:
    """Return a row for each claim."""
    table = Table(title="what is claimed, and how it was decided", **LOOK)
    for heading in ("unit", "claim", "verdict"):
        table.add_column(heading)
    for heading in ("cycles", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("by")
    for title, group in groupby(proofs, key=lambda proof: proof.title):
        for number, proof in enumerate(group):
            table.add_row(
                "" if number else title, proof.claim, proof.verdict, f"{proof.depth}",
                f"{proof.seconds:.2f}", proof.solver,
            )  # fmt: skip
        table.add_section()
    return table


def each_unit(proofs: Sequence[Proof]) -> Table:
    """Return a row for each specification: how many claims were decided in which way."""
    table = Table(title="claims by verdict", **LOOK)
    for heading in ("unit", "variant"):
        table.add_column(heading)
    for heading in ("claims", *VERDICTS, "least depth", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    for (unit, variant), group in groupby(proofs, key=lambda one: (one.unit, one.variant)):
        rows = list(group)
        count = Counter(proof.verdict for proof in rows)
        depths = [proof.depth for proof in rows if proof.verdict == BOUNDED]
        table.add_row(
            unit, variant, f"{len(rows)}", *(f"{count[one] or ''}" for one in VERDICTS),
            f"{min(depths)}" if depths else "", f"{sum(proof.seconds for proof in rows):.1f}",
        )  # fmt: skip
    return table
