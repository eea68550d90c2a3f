"""Commands on what the documentation shows."""

from pathlib import Path
from typing import Annotated

import typer


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
