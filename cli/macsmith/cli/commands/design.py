"""Commands on a unit's design: what there is, and its Verilog."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from macsmith.catalog import catalog
from macsmith.catalog.settings import spec_of
from macsmith.cli.options import Boundary, Name, Settings
from macsmith.contract.unit import UnitSpec
from macsmith.output.terminal import out
from macsmith.output.whole_file import check_output, write_whole


def list_units(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """What can be built, with modes and parameters."""
    specs = {name: catalog.make_spec(name) for name in catalog.units()}
    if as_json:
        print(json.dumps([_listed(name, spec) for name, spec in specs.items()], indent=2))
        return
    table = Table()
    for heading in ("unit", "what it is", "operations per cycle", "parameters"):
        table.add_column(heading)
    for name, spec in specs.items():
        rates = "\n".join(
            f"{point}: {spec.operations_per_cycle(point):.4g} {spec.operation}"
            for point in spec.points
        )
        table.add_row(name, spec.summary, rates, "\n".join(spec.parameter_names()))
        table.add_section()
    out.print(table)


def _listed(name: str, spec: UnitSpec) -> dict[str, object]:
    return {
        "unit": name,
        "summary": spec.summary,
        "boundaries": list(catalog.lookup(name).cuts),
        "parameters": spec.parameters(),
        "modes": [
            {"mode": str(point), **facts} for point in spec.points if (facts := spec.facts(point))
        ],
        "operation": spec.operation,
        "points": [
            {
                "point": str(point),
                "operations": spec.operations(point),
                "cycles": spec.cycles(point),
                "latency": spec.latency(point),
            }
            for point in spec.points
        ],
    }


def generate(
    name: Name,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File; else standard output.")
    ] = None,
    boundary: Boundary = "unit",
    keep_hierarchy: Annotated[
        bool, typer.Option("--keep-hierarchy", help="Ask synthesis not to flatten the modules.")
    ] = False,
    top: Annotated[
        str | None,
        typer.Option("--name", help="Top module; else the unit's, with a hash of what is --set."),
    ] = None,
    prefix: Annotated[str, typer.Option(help="What the names of all modules begin with.")] = "",
    language: Annotated[
        str, typer.Option(help="verilog, which is Verilog-2005, or systemverilog.")
    ] = "verilog",
    settings: Settings = None,
) -> None:
    """Verilog of a unit."""
    from macsmith.catalog.verilog import generate as verilog_of

    catalog.cut(name, boundary)
    check_output(output)
    spec = spec_of(name, settings or [])
    text = verilog_of(
        name, spec, boundary,
        keep_hierarchy=keep_hierarchy, top=top, prefix=prefix, language=language,
    )  # fmt: skip
    if output is None:
        sys.stdout.write(text)
    else:
        write_whole(output, text)
