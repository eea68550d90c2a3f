"""The command ``macsmith prove``: decide claims, write their records, print them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from macsmith.catalog.catalog import check_driven, units
from macsmith.cli.options import JsonFile, Settings, units_of
from macsmith.cli.outputs import write_json
from macsmith.cli.progress import show_progress
from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.contract.errors import UserError
from macsmith.formal.claim import Proof, Subject
from macsmith.output.terminal import err, out
from macsmith.output.whole_file import check_output
from macsmith.report.terminal.proofs import each_claim, each_unit

MOST_IN_DETAIL = 3
"""Specifications whose claims are each printed; of more, each gets a row."""


def prove(
    names: Annotated[
        list[str] | None, typer.Argument(help="Units; all of the catalogue if none.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All that is claimed of the units; takes minutes.")
    ] = False,
    boundary: Annotated[
        str,
        typer.Option(help="unit, or axi-stream: stream rules of units in their wrapper."),
    ] = "unit",
    json_file: JsonFile = None,
    settings: Settings = None,
) -> None:
    """Prove the arithmetic and the stream rules of units, on their emitted RTL."""
    from macsmith.formal.arithmetic.building_blocks import NAME
    from macsmith.formal.provers import subjects

    check_output(json_file)
    if every and settings:
        raise UserError(
            f"--set must not be given with --all, which has its own settings, not {settings[0]!r}"
        )
    wrapped = boundary == AXI_STREAM and not names
    known = [name for name, unit in units().items() if not (wrapped and unit.speaks_axi)]
    chosen = units_of(names, settings, known)
    for name in chosen:
        check_driven(name, boundary)
    if every:
        blocks = () if names or boundary != "unit" else (NAME,)
        cases = [*subjects(chosen, boundary=boundary), *subjects(blocks)]
    else:
        variant = "" if boundary == "unit" else boundary
        cases = [
            Subject(unit=name, spec=spec, variant=variant, boundary=boundary)
            for name, spec in chosen.items()
        ]
    if not run_proofs(cases, json_file):
        raise typer.Exit(1)


def run_proofs(cases: Sequence[Subject], json_file: Path | None) -> bool:
    """Decide what is claimed of some specifications and return whether all of it holds.

    The file has the records of what is decided, after each claim.
    """
    from macsmith.formal.prove_all import prove as decide

    with show_progress("proving", len(cases)) as step:
        known: list[Proof] = []

        def decided(proof: Proof) -> None:
            known.append(proof)
            write_json(json_file, [proof.to_json() for proof in known])
            step(f"{proof.title}: {proof.claim}", 0)

        proofs, undecided = decide(cases, decided, step)
    write_json(json_file, [proof.to_json() for proof in proofs])
    out.print((each_claim if len(cases) <= MOST_IN_DETAIL else each_unit)(proofs))
    for proof in proofs:
        if not proof.holds:
            err.print(f"{proof.title}, {proof.claim}: {proof.counterexample}",
                      soft_wrap=True, markup=False)  # fmt: skip
    for sentence in undecided:
        err.print(sentence, soft_wrap=True, markup=False)
    return not undecided and all(proof.holds for proof in proofs)
