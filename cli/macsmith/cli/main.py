"""The ``macsmith`` command."""

import sys

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
