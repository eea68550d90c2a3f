"""The ``macsmith`` command."""

import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

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
from macsmith.cli.standard_streams import INTERRUPTED, standard_streams
from macsmith.contract.errors import UserError
from macsmith.output.terminal import err

IN_CACHE = "what was finished is kept in the cache"
"""What an interrupt leaves behind of most commands."""

KEPT = {
    "errors": "nothing is kept",
    "list": "nothing is kept",
    "mutate": "what is known so far is in build/mutate",
    "prove": "what was decided is in the file of --json, if one was asked for",
}
"""The same of others."""

app = typer.Typer(
    help="Generate, verify and compare arithmetic units for quantised and sparse DNN accelerators.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
)


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


class _Command(TyperCommand):
    """A command of which every wrong word is told below its usage."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if vars(error).get("ctx", ctx) is None:  # the parser's own errors know no command
                error.ctx = ctx
            raise


app.command("list", cls=_Command)(design.list_units)
for _function in (
    design.generate, checking.verify, prove, checking.mutate, checking.errors, measuring.measure,
    measuring.compare, estimating.scaling, estimating.mix, estimating.workload, estimating.zeros,
    exploring.sweep, exploring.array, running.board, running.run, documenting.figures,
    documenting.evidence, running.demo,
):  # fmt: skip
    app.command(cls=_Command)(_function)


def main() -> None:
    """Run the command; an error that the user can mend is one sentence and status 2."""
    try:
        with standard_streams():
            app(prog_name="macsmith")
    except UserError as error:
        err.print(f"macsmith: {error}", soft_wrap=True, markup=False, highlight=False)
        sys.exit(2)
    except (KeyboardInterrupt, SystemExit) as end:
        interrupt = _interrupt_behind(end)
        if interrupt is None:
            raise
        kept = str(interrupt) or KEPT.get("".join(sys.argv[1:2]), IN_CACHE)
        err.print(f"macsmith: interrupted; {kept}", soft_wrap=True, markup=False, highlight=False)
        sys.exit(INTERRUPTED)


def _interrupt_behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """Return the interrupt that led to an error; a command may say with it what is kept."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error
