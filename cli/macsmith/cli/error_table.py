"""The command ``macsmith errors``: statistics of approximate units, and their distributions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from macsmith.approximation.error_statistics import ErrorStatistics, statistics
from macsmith.approximation.real_operands import RealOperands
from macsmith.catalog.catalog import lookup, units
from macsmith.cli.outputs import write_json
from macsmith.cli.progress import show_progress
from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec
from macsmith.golden.catalog import golden
from macsmith.output.terminal import out
from macsmith.output.whole_file import check_folder, check_output
from macsmith.report.page.charts import COLOURS
from macsmith.report.page.error_distribution import distribution
from macsmith.report.page.plots import write_chart
from macsmith.report.terminal.units import LOOK

HEADINGS = ("unit", "results", "largest", "bias", "mean", "RMS", "RMS, relative")


def with_errors() -> list[str]:
    """Return the units that approximate."""
    return [name for name, unit in units().items() if unit.errors]


def check_errors(name: str) -> str:
    """Return the name of a unit that approximates.

    Raises
    ------
    UserError
        If it does not.
    """
    if not lookup(name).errors:
        raise UserError(f"unit must be one that approximates, not {name}; they are "
                        f"{', '.join(with_errors())}")  # fmt: skip
    return name


def run_errors(
    specs: Mapping[str, UnitSpec], chosen: Mapping[str, Any], json_file: Path | None,
    plots: Path | None,
) -> None:  # fmt: skip
    """Compute the errors of units, print a table and write what was asked for.

    Parameters
    ----------
    chosen
        Parameters of `RealOperands`, the same for all units.
    """
    check_output(json_file)
    check_folder(plots)
    RealOperands(**chosen)
    found: dict[str, ErrorStatistics] = {}
    with show_progress("computing", len(specs)) as step:
        for name, spec in specs.items():
            sample = lookup(name).load("errors")(spec, golden(name, spec), RealOperands(**chosen))
            found[name] = statistics(sample)
            step(name)
    write_json(json_file, [
        {"unit": name, "parameters": specs[name].parameters(), **chosen, **one.to_json()}
        for name, one in found.items()
    ])  # fmt: skip
    if plots is not None:
        for name, one in found.items():
            write_chart(
                distribution(one.edges, one.shares, one.unit, COLOURS), plots, f"errors-{name}"
            )
    _show(found)


def _show(found: Mapping[str, ErrorStatistics]) -> None:
    table = Table(title="errors of results", **LOOK)
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "unit" else "right")
    for name, one in found.items():
        unit = f" {one.unit}" if one.unit else ""
        table.add_row(
            name, f"{one.count:,}{', all' if one.every else ''}",
            *(f"{value:.4g}{unit}" for value in (one.largest, one.bias, one.mean, one.rms)),
            "" if one.relative is None else f"{one.relative:.4%}",
        )  # fmt: skip
    out.print(table)
