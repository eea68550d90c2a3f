"""Commands on a unit's design: what there is, and its Verilog."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from macsmith.catalog import catalog
from macsmith.catalog.parameter_rules import rule_of, written
from macsmith.catalog.settings import spec_of
from macsmith.cli.options import Boundary, Name, Settings
from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec
from macsmith.output.terminal import out
from macsmith.output.whole_file import (
    check_new_folder,
    check_output,
    write_folder,
    write_whole,
)


def list_units(
    names: Annotated[
        list[str] | None, typer.Argument(help="Units whose parameters are shown; all if none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """What can be built, and the parameters of the units that are named."""
    specs = {name: catalog.make_spec(name) for name in names or catalog.units()}
    if as_json:
        print(json.dumps([_listed(name, spec) for name, spec in specs.items()], indent=2))
        return
    out.print(_overview(specs))
    out.print(f"* and {AXI_STREAM}, in a wrapper", highlight=False)
    if names:
        for name, spec in specs.items():
            out.print(_parameters(name, spec))
    else:
        out.print("macsmith list NAME shows the parameters of a unit", highlight=False)


def _overview(specs: Mapping[str, UnitSpec]) -> Table:
    """Return a row for each unit: what it is, and what it does in a cycle."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("unit", "what it is", "operations per cycle", "boundaries"):
        table.add_column(heading, no_wrap=heading == "unit")
    for name, spec in specs.items():
        rates = ", ".join(
            f"{point} {spec.operations_per_cycle(point):.4g}" for point in spec.points
        )
        cuts = catalog.lookup(name).cuts
        own = ", ".join(one for one in cuts if one != AXI_STREAM) + " *" * (AXI_STREAM in cuts)
        table.add_row(name, spec.summary, f"{spec.operation}: {rates}", own)
    return table


def _parameters(name: str, spec: UnitSpec) -> Table:
    """Return a row for each parameter of a unit: its default and which values it takes."""
    table = Table(title=f"parameters of {name}", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("--set", "default", "values"):
        table.add_column(heading, no_wrap=heading != "values")
    for parameter, value in spec.all_parameters().items():
        table.add_row(parameter, written(value), rule_of(name, parameter))
    return table


def _listed(name: str, spec: UnitSpec) -> dict[str, object]:
    parameters = spec.all_parameters()
    return {
        "unit": name,
        "summary": spec.summary,
        "boundaries": list(catalog.lookup(name).cuts),
        "parameters": parameters,
        "values": {one: rule_of(name, one) for one in parameters},
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
    folder: Annotated[
        Path | None,
        typer.Option(
            "--bundle", help="Folder, new or empty, for all that a flow needs.", metavar="DIR"
        ),
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
    tech: Annotated[
        str | None,
        typer.Option(help="Measure the unit on this library, for the data sheet of --bundle."),
    ] = None,
    settings: Settings = None,
) -> None:
    """Verilog of a unit, alone or with what a flow needs around it."""
    from macsmith.catalog.verilog import generate as verilog_of

    catalog.cut(name, boundary)
    check_output(output)
    check_new_folder(folder)
    if folder is not None and output is not None:
        raise UserError("--bundle must be given without --output: the Verilog is in the folder")
    if tech is not None and folder is None:
        raise UserError("--tech must be given with --bundle, whose data sheet has the figures")
    spec = spec_of(name, settings or [])
    options: dict[str, Any] = {
        "keep_hierarchy": keep_hierarchy, "top": top, "prefix": prefix, "language": language,
    }  # fmt: skip
    if folder is not None:
        from macsmith.bundle.bundle import bundle, design_of

        if tech is not None:
            from macsmith.cli.measurement import measured_on

            options["records"] = measured_on(
                name, spec, tech, catalog.check_measured(name, boundary)
            )
        write_folder(folder, bundle(design_of(name, spec, boundary, **options)))
        return
    text = verilog_of(name, spec, boundary, **options)
    if output is None:
        sys.stdout.write(text)
    else:
        write_whole(output, text)
