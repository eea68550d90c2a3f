"""The ``macsmith`` command."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from macsmith import catalog
from macsmith.errors import UserError
from macsmith.files import check_output, write_whole
from macsmith.settings import applicable, spec_of
from macsmith.spec import MacSpec
from macsmith.terminal import err, out

if TYPE_CHECKING:
    from macsmith.stimuli import Stimulus

app = typer.Typer(
    help="Generate, verify and compare arithmetic units for quantised and sparse DNN accelerators.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
)

Names = Annotated[list[str] | None, typer.Argument(help="Units; all of the catalogue if none.")]
Name = Annotated[str, typer.Argument(help="A unit of the catalogue; see macsmith list.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="A parameter, key=value; repeatable.", metavar="KEY=VALUE"),
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write JSON to this file.")]
CsvFile = Annotated[Path | None, typer.Option("--csv", help="Write CSV to this file.")]
Tech = Annotated[
    str | None,
    typer.Option(help="Technology: a name, a Liberty file or a folder; else the generic library."),
]
Energy = Annotated[
    bool | None,
    typer.Option(
        "--energy/--no-energy",
        help="Energy of the core's netlist of least area x period; if not given, where it can be.",
        show_default=False,
    ),
]
StimulusName = Annotated[
    str, typer.Option(help="Operands for the energy: uniform, or network for its layers.")
]
Boundary = Annotated[str, typer.Option(help="Where the unit is cut: core or unit.")]


@app.command("list")
def list_units(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """What can be built, with modes and parameters."""
    specs = {name: catalog.make_spec(name) for name in catalog.CATALOG}
    if as_json:
        print(json.dumps([_listed(name, spec) for name, spec in specs.items()], indent=2))
        return
    table = Table()
    for heading in ("unit", "what it is", "MACs per cycle in its modes", "parameters"):
        table.add_column(heading)
    for name, spec in specs.items():
        modes = "\n".join(f"{mode}: {spec.macs_per_cycle(mode):.4g}" for mode in spec.modes)
        table.add_row(name, spec.summary, modes, "\n".join(spec.parameter_names()))
        table.add_section()
    out.print(table)


def _listed(name: str, spec: MacSpec) -> dict[str, object]:
    return {
        "unit": name,
        "summary": spec.summary,
        "parameters": spec.parameters(),
        "modes": [
            {
                "mode": str(mode),
                "macs_per_cycle": spec.macs_per_cycle(mode),
                "cycles_per_result": spec.cycles(mode),
                "products": spec.products(mode),
                "slots": spec.slots(mode),
                "acc_bits": spec.acc_bits(mode),
            }
            for mode in spec.modes
        ],
    }


@app.command()
def generate(
    name: Name,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File; else standard output.")
    ] = None,
    boundary: Boundary = "unit",
    settings: Settings = None,
) -> None:
    """Verilog of a unit."""
    from macsmith.generate import generate as verilog_of

    _check_boundary(boundary)
    check_output(output)
    text = verilog_of(name, spec_of(name, settings or []), boundary)
    if output is None:
        sys.stdout.write(text)
    else:
        write_whole(output, text)


@app.command()
def verify(
    names: Names = None,
    every: Annotated[
        bool, typer.Option("--all", help="All designs and variants of the units; takes minutes.")
    ] = False,
    simulator: Annotated[
        list[str] | None,
        typer.Option(help="verilator or icarus, repeatable; else all that are installed."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of operands and stalls.", min=0)] = 1,
    accumulations: Annotated[
        int, typer.Option(help="Random accumulations in each mode of the bulk layer.", min=1)
    ] = 100_000,
    waves: Annotated[bool, typer.Option(help="Write waveforms under build/verify.")] = False,
    json_file: JsonFile = None,
    settings: Settings = None,
) -> None:
    """Compare units with their golden models, in simulators and in bulk."""
    from macsmith.compiled import CompiledUnit
    from macsmith.console import run_verification
    from macsmith.simulate import available_simulators, check_simulator
    from macsmith.verify import Case, Plan, every_case

    for choice in simulator or []:
        check_simulator(choice)
    check_output(json_file)
    if every and settings:
        raise UserError(
            f"--set must not be given with --all, which sets every parameter, not {settings[0]!r}"
        )
    units = _units(names, settings)
    if not CompiledUnit.available():
        err.print("no C++ compiler found: the bulk layer runs on vectorised gates, more slowly")
    simulators = simulator or available_simulators()
    if not simulators:
        err.print("no simulator can run here: the protocol layer is left out")
    plan = Plan(simulators, seed, accumulations, waves=waves)
    one_each = [Case(name, spec, plan) for name, spec in units.items()]
    cases = every_case(units, plan) if every else one_each
    if not run_verification(cases, Path("build/verify"), json_file):
        raise typer.Exit(1)


@app.command()
def measure(
    name: Name,
    tech: Tech = None,
    boundary: Annotated[str | None, typer.Option(help="core or unit; both if not given.")] = None,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    settings: Settings = None,
    energy: Energy = None,
    stimulus: StimulusName = "uniform",
    saif: Annotated[
        Path | None,
        typer.Option(help="Write the activity as SAIF to this file, and the netlist beside it."),
    ] = None,
    mode: Annotated[str | None, typer.Option(help="Mode of the SAIF; else the first.")] = None,
) -> None:
    """Area, clock period and energy of one unit on one technology."""
    from macsmith.console import Outputs, run_measurement, run_saif

    boundaries = catalog.BOUNDARIES if boundary is None else (_check_boundary(boundary),)
    spec, operands = spec_of(name, settings or []), _stimulus(stimulus)
    index = 0 if mode is None else _mode_index(spec, mode)
    if saif is not None:
        run_saif(name, spec, tech, boundaries[0], index, operands, saif)
    outputs = Outputs(json=json_file, csv=csv_file)
    run_measurement({name: spec}, tech, boundaries, outputs, energy, operands)


@app.command()
def compare(
    names: Names = None,
    tech: Tech = None,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", help="Write a page with charts to this file.")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option(help="Write the charts as SVG and PNG to this folder.")
    ] = None,
    settings: Settings = None,
    energy: Energy = None,
    stimulus: StimulusName = "uniform",
) -> None:
    """All styles and modes in one table."""
    from macsmith.console import Outputs, run_measurement

    outputs = Outputs(json=json_file, csv=csv_file, html=html_file, plots=plots)
    units, operands = _units(names, settings), _stimulus(stimulus)
    run_measurement(units, tech, catalog.BOUNDARIES, outputs, energy, operands)


@app.command()
def board(
    name: Annotated[str, typer.Argument(help="A board, such as icebreaker.")],
    unit: Annotated[str, typer.Option(help="The unit to put on it.")] = "data-gated",
    settings: Settings = None,
    json_file: JsonFile = None,
) -> None:
    """FPGA bitstream of a unit that checks itself on the board; sums are operators unless set."""
    from macsmith.boards.catalog import lookup
    from macsmith.console import write_json

    check_output(json_file)
    folder = Path("build/boards") / name / unit
    with err.status(f"building {unit} for {name}"):
        chosen = settings or []
        # Carry chains add faster than adder cells made of LUTs.
        if not any(setting.startswith("arith=") for setting in chosen):
            chosen = [*chosen, "arith=operators"]
        spec = spec_of(unit, chosen)
        result = lookup(name).build(unit, spec, folder).record()
    write_json(json_file, result)
    table = Table(title=f"{unit} on {name}", title_justify="left", show_header=False)
    for key, value in result.items():
        table.add_row(key, json.dumps(value) if isinstance(value, dict) else str(value))
    out.print(table)


@app.command()
def run(
    network: Annotated[
        str, typer.Option(help="dense, or pruned to 2:4, 4/8, 3/8 or 2/8.", metavar="NAME")
    ] = "dense",
    images: Annotated[int, typer.Option(help="Held-out images to run.")] = 100,
    stalls: Annotated[float, typer.Option(help="Share of cycles in which a stream pauses.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Seed of the stalls.", min=0)] = 1,
    json_file: JsonFile = None,
    settings: Settings = None,
) -> None:
    """A whole quantised network on the simulated systolic array, layer by layer."""
    from macsmith.run_network import run_network

    if not run_network(network, images, settings or [], stalls, seed, json_file):
        raise typer.Exit(1)


@app.command()
def demo(
    tech: Tech = None,
    folder: Annotated[Path, typer.Option(help="Where the files go.")] = Path("build/demo"),
) -> None:
    """The main job: generate five units, verify them on a real network, compare them."""
    from macsmith.demo import run_demo

    if not run_demo(tech, folder):
        raise typer.Exit(1)


def _units(names: list[str] | None, settings: list[str] | None) -> dict[str, MacSpec]:
    """Return the specifications of the named units, or of all; settings go where they apply."""
    settings = settings or []
    if names:
        return {name: spec_of(name, settings) for name in names}
    for setting in settings:
        if not any(applicable(name, [setting]) for name in catalog.CATALOG):
            spec_of(next(iter(catalog.CATALOG)), [setting])
    return {name: spec_of(name, applicable(name, settings)) for name in catalog.CATALOG}


def _check_boundary(boundary: str) -> str:
    if boundary not in catalog.BOUNDARIES:
        raise UserError(f"boundary must be {' or '.join(catalog.BOUNDARIES)}, not {boundary!r}")
    return boundary


def _stimulus(name: str) -> "Stimulus":
    from macsmith.stimuli import STIMULI

    if name not in STIMULI:
        raise UserError(f"stimulus must be {' or '.join(STIMULI)}, not {name!r}")
    return STIMULI[name]


def _mode_index(spec: MacSpec, text: str) -> int:
    modes = [str(mode) for mode in spec.modes]
    if text not in modes:
        raise UserError(f"mode must be one of {', '.join(modes)}, not {text!r}")
    return modes.index(text)


def main() -> None:
    """Run the command; an error that the user can mend is one sentence and status 2."""
    try:
        app()
    except UserError as error:
        err.print(f"macsmith: {error}", soft_wrap=True, markup=False, highlight=False)
        sys.exit(2)
