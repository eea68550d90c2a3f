"""The ``macsmith`` command."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from macsmith.cli.commands import (
    checking,
    design,
    documenting,
    estimating,
    exploring,
    measuring,
    running,
)
from macsmith.cli.prove import prove
from macsmith.contract.errors import UserError
from macsmith.output.terminal import err

app = typer.Typer(
    help="Generate, verify and compare arithmetic units for quantised and sparse DNN accelerators.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
)

INTERRUPTED = 130
"""The exit status of a command that was interrupted, as shells have it."""


def _show_version(asked: bool) -> None:
    if asked:
        print(f"macsmith {version('macsmith')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Take what stands before a command."""


app.command("list")(design.list_units)
app.command()(design.generate)
app.command()(checking.verify)
app.command()(prove)
app.command()(checking.mutate)
app.command()(measuring.measure)
app.command()(measuring.compare)
app.command()(estimating.scaling)
app.command()(estimating.mix)
app.command()(estimating.workload)
app.command()(exploring.sweep)
app.command()(exploring.array)
app.command()(running.board)
app.command()(running.run)
app.command()(documenting.figures)
app.command()(documenting.evidence)
app.command()(running.demo)


def main() -> None:
    """Run the command; an error that the user can mend is one sentence and status 2."""
    try:
        app()
    except UserError as error:
        err.print(f"macsmith: {error}", soft_wrap=True, markup=False, highlight=False)
        sys.exit(2)
    except (KeyboardInterrupt, SystemExit) as end:
        interrupt = _interrupt_behind(end)
        if interrupt is None:
            raise
        kept = str(interrupt) or "what was finished is kept in the cache"
        err.print(f"macsmith: interrupted; {kept}", soft_wrap=True, markup=False, highlight=False)
        sys.exit(INTERRUPTED)


def _interrupt_behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """Return the interrupt that led to an error; a command may say with it what is kept."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error
