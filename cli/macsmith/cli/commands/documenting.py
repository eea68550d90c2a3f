"""Commands on what the documentation shows."""

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup


def figures(
    pages: Annotated[
        list[str] | None,
        typer.Argument(
            help="Pages such as README, or one measurement of a page such as measurement/energy; "
            "all if none.",
            metavar="[PAGE]...",
        ),
    ] = None,
    tech: Annotated[
        list[str] | None,
        typer.Option(help="A library to measure on, as of compare; repeatable. Else nothing is."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a page is out of date.")
    ] = False,
) -> None:
    """Tables and pictures of the documentation, from its records or measured anew."""
    from macsmith.cli.figures import run_figures

    if not run_figures(pages or (), tech or (), check, Path.cwd()):
        raise typer.Exit(1)


def evidence(
    context: typer.Context,
    taken: Annotated[
        list[str] | None,
        typer.Option(
            "--take",
            help="Keep what a command wrote as JSON: verify=FILE, prove=FILE; repeatable.",
            metavar="KIND=FILE",
        ),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--run", help="Make all records anew first; takes hours.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Write nothing; fail if a record is not of today's RTL.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the specifications to check.", min=0)] = 1,
) -> None:
    """What shows each unit to be right: exhaustive runs, proofs, mutants, netlists, boards."""
    from macsmith.cli.evidence import run_evidence

    group = context.parent.command if context.parent else None
    commands: list[str] = group.list_commands(context) if isinstance(group, TyperGroup) else []
    if not run_evidence(Path.cwd(), taken or (), check, anew, seed, commands):
        raise typer.Exit(1)
