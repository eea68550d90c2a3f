"""The command ``macsmith zeros``: dense arrays, arrays of blocks, and engines that skip zeros."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from macsmith.analysis.zeros.comparison import check_densities, check_units, compared, steps
from macsmith.analysis.zeros.contenders import MULTIPLIERS
from macsmith.analysis.zeros.macro_liberty import macros_of
from macsmith.analysis.zeros.sram import IHP
from macsmith.cli.outputs import write_json
from macsmith.cli.progress import show_progress
from macsmith.library.resolve import resolve
from macsmith.output.terminal import err, out
from macsmith.output.whole_file import check_output
from macsmith.report.terminal.units import LOOK


def run_zeros(
    tech: str | None, macros: Path | None, states: tuple[str, str], densities: Sequence[float],
    json_file: Path | None,
) -> None:  # fmt: skip
    """Compare, print two tables and write what was asked for."""
    check_output(json_file)
    check_densities(densities)
    family = IHP if macros is None else macros_of(macros, *states)
    technology = resolve(tech)
    check_units(technology)
    with show_progress("comparing", steps(technology, densities)) as step:
        records = compared(technology, family, densities, lambda task, found: step(task.label))
    write_json(json_file, records)
    out.print(_energies(technology.name, records))
    out.print(_areas(technology.name, records))
    err.print(
        f"memories: {family.name}, fitted within {max(family.largest_error.values()):.0%}",
        soft_wrap=True, markup=False, highlight=False,
    )  # fmt: skip


def _table(title: str, head: Sequence[str]) -> Table:
    table = Table(title=title, **LOOK)
    for place, heading in enumerate(head):
        table.add_column(heading, justify="right" if place else "left", no_wrap=True)
    return table


def _energies(tech: str, records: Sequence[Mapping[str, Any]]) -> Table:
    head = ("engine", "not zero", "cycles", "logic pJ", "memory pJ", "pJ")
    table = _table(f"of a useful product, logic on {tech}", head)
    for one in records:
        logic, memory = one["logic_pj"], one["memory_pj"]
        table.add_row(one["name"], f"{one['density']:.1%}", f"{one['cycles']:.2f}", f"{logic:.1f}",
                      f"{memory:.1f}", f"{logic + memory:.1f}")  # fmt: skip
    return table


def _areas(tech: str, records: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        f"{MULTIPLIERS} multipliers, logic on {tech}", ("engine", "logic um2", "memories um2", "ns")
    )
    told = set()
    for one in records:
        if one["name"] not in told:
            told.add(one["name"])
            sizes = (f"{one[key]:,.0f}" for key in ("logic_um2", "memory_um2"))
            table.add_row(one["name"], *sizes, f"{one['period_ns']:.2f}")
    return table
