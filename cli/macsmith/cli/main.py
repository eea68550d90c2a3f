"""The ``macsmith`` command."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from macsmith.catalog import catalog
from macsmith.catalog.settings import spec_of
from macsmith.cli.options import (
    Boundary,
    ClearEvery,
    CrossCheck,
    CsvFile,
    Curve,
    Energy,
    EnergyBoundary,
    EnergyNetlists,
    HtmlFile,
    JsonFile,
    Name,
    Names,
    Plots,
    Settings,
    StimulusName,
    StimulusNames,
    Tech,
    Techs,
    boundaries_of,
    point_index,
    precision_units,
    published_boundary,
    request_of,
    stimulus_of,
    units_of,
)
from macsmith.cli.prove import prove
from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec
from macsmith.output.terminal import err, out
from macsmith.output.whole_file import check_output, write_whole

app = typer.Typer(
    help="Generate, verify and compare arithmetic units for quantised and sparse DNN accelerators.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
)


@app.command("list")
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


@app.command()
def generate(
    name: Name,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File; else standard output.")
    ] = None,
    boundary: Boundary = "unit",
    keep_hierarchy: Annotated[
        bool, typer.Option("--keep-hierarchy", help="Ask synthesis not to flatten the modules.")
    ] = False,
    settings: Settings = None,
) -> None:
    """Verilog of a unit."""
    from macsmith.catalog.verilog import generate as verilog_of

    catalog.cut(name, boundary)
    check_output(output)
    spec = spec_of(name, settings or [])
    text = verilog_of(name, spec, boundary, keep_hierarchy=keep_hierarchy)
    if output is None:
        sys.stdout.write(text)
    else:
        write_whole(output, text)


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Units; all MAC styles if none.")
    ] = None,
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
    from macsmith.cli.verification import run_verification
    from macsmith.rtlsim.cocotb_runner import available_simulators, check_simulator
    from macsmith.rtlsim.compiled_rtl import CompiledUnit
    from macsmith.verify.plan import Plan
    from macsmith.verify.verify import Case, every_case, verification

    for choice in simulator or []:
        check_simulator(choice)
    check_output(json_file)
    if every and settings:
        raise UserError(
            f"--set must not be given with --all, which sets every parameter, not {settings[0]!r}"
        )
    units = units_of(names, settings, catalog.with_precisions())
    for name in units:
        verification(name).check_tools()
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


app.command()(prove)


@app.command()
def measure(
    name: Name,
    tech: Tech = None,
    boundary: Annotated[
        str | None,
        typer.Option(
            help="A boundary that macsmith list names, such as core; else each that is measured by "
            "default: core and unit of a MAC."
        ),
    ] = None,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    settings: Settings = None,
    energy: Energy = None,
    energy_boundary: EnergyBoundary = None,
    energy_netlists: EnergyNetlists = "best",
    stimulus: StimulusNames = None,
    clear_every: ClearEvery = 50,
    cross_check: CrossCheck = False,
    curve: Curve = False,
    saif: Annotated[
        Path | None,
        typer.Option(help="Write the activity as SAIF to this file, and the netlist beside it."),
    ] = None,
    mode: Annotated[str | None, typer.Option(help="Mode of the SAIF; else the first.")] = None,
) -> None:
    """Area, clock period and energy of one unit on one technology."""
    from macsmith.cli.measurement import run_measurement, run_saif
    from macsmith.cli.outputs import Outputs
    from macsmith.jobs.energy_job import energy_limit

    boundaries = boundaries_of(name, boundary)
    spec = spec_of(name, settings or [])
    request = request_of(
        energy, energy_boundary, energy_netlists, stimulus, clear_every, cross_check
    )
    index = 0 if mode is None else point_index(spec, mode)
    if saif is not None:
        if energy is False or energy_limit(name, spec, boundaries[0]) is not None:
            raise UserError(f"saif must be left out for {name} where it has no energy")
        run_saif(name, spec, tech, boundaries[0], index, request.stimuli[0], saif)
    outputs = Outputs(json=json_file, csv=csv_file)
    run_measurement({name: spec}, [tech], boundaries, outputs, request, curve)


@app.command()
def compare(
    names: Names = None,
    tech: Techs = None,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    html_file: HtmlFile = None,
    plots: Plots = None,
    settings: Settings = None,
    energy: Energy = None,
    energy_boundary: EnergyBoundary = None,
    energy_netlists: EnergyNetlists = "best",
    stimulus: StimulusNames = None,
    clear_every: ClearEvery = 50,
    cross_check: CrossCheck = False,
    curve: Curve = False,
) -> None:
    """All styles and modes in one table."""
    from macsmith.cli.measurement import run_measurement
    from macsmith.cli.outputs import Outputs

    outputs = Outputs(json=json_file, csv=csv_file, html=html_file, plots=plots)
    request = request_of(
        energy, energy_boundary, energy_netlists, stimulus, clear_every, cross_check
    )
    units = units_of(names, settings)
    run_measurement(units, tech or [None], None, outputs, request, curve)


@app.command()
def scaling(
    names: Names = None,
    tech: Tech = None,
    boundary: Boundary = "core",
    vth: Annotated[float | None, typer.Option(help="Threshold voltage, V.")] = None,
    alpha: Annotated[float | None, typer.Option(help="Exponent of the delay model.")] = None,
    vmin: Annotated[float | None, typer.Option(help="Lowest supply, V.")] = None,
    step: Annotated[float, typer.Option(help="Voltage step of the regulator, V.")] = 0.0,
    corner: Annotated[
        list[str] | None,
        typer.Option(help="The library at another voltage, to fit vth and alpha; repeatable."),
    ] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option(help="A part of energy outside the scaled supply; repeatable."),
    ] = None,
    others: Annotated[
        float, typer.Option(help="Energy of a cycle outside the scaled supply, pJ.")
    ] = 0.0,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    plots: Plots = None,
    settings: Settings = None,
    stimulus: StimulusName = "uniform",
    clear_every: ClearEvery = 50,
) -> None:
    """Energy if voltage and frequency scale with precision (DAS, DVAS, DVAFS), modelled."""
    from macsmith.cli.scaling import ScalingOutputs, Supply, run_scaling

    supply = Supply(
        vth=vth, alpha=alpha, vmin=vmin, step=step, corners=corner or (), fixed=fixed or (),
        others_pj=others, boundary=published_boundary(boundary),
    )  # fmt: skip
    outputs = ScalingOutputs(json=json_file, csv=csv_file, plots=plots)
    operands = stimulus_of(stimulus, clear_every)
    run_scaling(precision_units(names, settings), tech, supply, operands, outputs)


@app.command()
def mix(
    names: Names = None,
    mixes: Annotated[
        list[str] | None,
        typer.Option(
            "--mix",
            help="symmetric:PERCENT, weight-only:PERCENT at 8x8, or shares such as "
            "8x8=0.05,4x4=0.45,2x2=0.5; repeatable; else 5, 20 and 33 of both.",
            metavar="MIX",
        ),
    ] = None,
    tech: Tech = None,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    settings: Settings = None,
    stimulus: StimulusName = "uniform",
    clear_every: ClearEvery = 50,
) -> None:
    """Energy, time and area of units for mixes of precisions."""
    from macsmith.analysis.precision_mix import PUBLISHED_MIXES, Mix, fitting
    from macsmith.cli.mix import run_mixes
    from macsmith.cli.outputs import Outputs

    chosen = [Mix.parse(text) for text in mixes or []] or list(PUBLISHED_MIXES)
    units = precision_units(names, fitting(settings or [], max(one.width for one in chosen)))
    outputs = Outputs(json=json_file, csv=csv_file)
    run_mixes(units, tech, chosen, outputs, stimulus_of(stimulus, clear_every))


@app.command()
def workload(
    what: Annotated[
        str,
        typer.Argument(help="A built-in table such as alexnet-1%, a CSV file or an ONNX model."),
    ],
    names: Names = None,
    tech: Tech = None,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    settings: Settings = None,
    stimulus: Annotated[
        str, typer.Option(help="Operands: layers for their bits and zeros, or uniform.")
    ] = "layers",
) -> None:
    """Energy, time and area of units for the layers of a network."""
    from macsmith.analysis.network_cost import layer_stimulus
    from macsmith.analysis.precision_mix import fitting
    from macsmith.cli.outputs import Outputs
    from macsmith.cli.workload import run_workload
    from macsmith.networks.layer_tables.read import read_workload

    operands, network = layer_stimulus(stimulus), read_workload(what)
    units = precision_units(names, fitting(settings or [], network.width))
    run_workload(units, tech, network, Outputs(json=json_file, csv=csv_file), operands)


@app.command()
def sweep(
    names: Names = None,
    file: Annotated[
        Path | None,
        typer.Option(help="TOML file of the sweep; options replace its keys."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Values of a parameter: act_width=4..8, adder=ripple,sklansky; repeatable.",
            metavar="KEY=VALUES",
        ),
    ] = None,
    tech: Annotated[
        list[str] | None, typer.Option(help="A technology, as of compare; repeatable.")
    ] = None,
    boundary: Annotated[
        list[str] | None, typer.Option(help="core or unit, repeatable; both if not given.")
    ] = None,
    recipe: Annotated[
        list[str] | None, typer.Option(help="A recipe, repeatable; all if not given.")
    ] = None,
    adders: Annotated[
        list[str] | None, typer.Option(help="gates or cells, repeatable; both if not given.")
    ] = None,
    energy: Energy = None,
    stimulus: Annotated[
        str | None, typer.Option(help="Operands for the energy: uniform, stationary or network.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes; one a processor if not given.", min=1)
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, whose workers then work.")
    ] = None,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    html_file: HtmlFile = None,
) -> None:
    """Units over ranges of parameters; goes on where it was interrupted."""
    from macsmith.analysis.sweep import stated
    from macsmith.cli.outputs import Outputs
    from macsmith.cli.sweep import run_sweep

    given = {
        "units": names, "tech": tech, "boundaries": boundary, "recipes": recipe, "adders": adders,
        "energy": energy, "stimulus": stimulus,
    }  # fmt: skip
    outputs = Outputs(json=json_file, csv=csv_file, html=html_file)
    if not run_sweep(stated(file, settings or [], given), outputs, workers, scheduler):
        raise typer.Exit(1)


@app.command()
def array(
    pe: Annotated[
        list[str] | None, typer.Option(help="A size AxBxC of tensor PEs; repeatable.")
    ] = None,
    density: Annotated[
        list[str] | None,
        typer.Option(help="dense, zero-gated, or non-zeros of a block: 4/8, 2:4; repeatable."),
    ] = None,
    tech: Tech = None,
    energy: Energy = None,
    stimulus: StimulusNames = None,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    html_file: HtmlFile = None,
    plots: Plots = None,
    settings: Settings = None,
) -> None:
    """Tensor PEs of systolic arrays: area and energy a product, beside the classic PE's."""
    from macsmith.analysis.pe_gains import points_of
    from macsmith.cli.array import run_array
    from macsmith.cli.outputs import Outputs

    outputs = Outputs(json=json_file, csv=csv_file, html=html_file, plots=plots)
    run_array(
        points_of(pe or (), density or ()), tech, settings or [],
        [stimulus_of(name, 50) for name in dict.fromkeys(stimulus or ())], outputs, energy,
    )  # fmt: skip


@app.command()
def board(
    name: Annotated[str, typer.Argument(help="A board, such as icebreaker.")],
    unit: Annotated[str, typer.Option(help="The unit to put on it.")] = catalog.REFERENCE,
    settings: Settings = None,
    json_file: JsonFile = None,
) -> None:
    """FPGA bitstream of a unit that checks itself on the board; sums are operators unless set."""
    from macsmith.boards.catalog import lookup
    from macsmith.cli.outputs import write_json

    check_output(json_file)
    folder = Path("build/boards") / name / unit
    with err.status(f"building {unit} for {name}"):
        chosen = settings or []
        # Carry chains add faster than adder cells made of LUTs.
        if not any(setting.startswith("arith=") for setting in chosen):
            chosen = [*chosen, "arith=operators"]
        spec = spec_of(catalog.check_selftest(unit), chosen)
        result = lookup(name).build(unit, spec, folder).record()
    write_json(json_file, result)
    table = Table(title=f"{unit} on {name}", title_justify="left", show_header=False)
    for key, value in result.items():
        table.add_row(key, json.dumps(value) if isinstance(value, dict) else str(value))
    out.print(table)


@app.command()
def run(
    unit: Annotated[
        str | None,
        typer.Argument(
            help="An array, or an engine for whole layers over AXI; else the first array."
        ),
    ] = None,
    network: Annotated[
        str,
        typer.Option(
            help="dense, pruned to 2:4, 4/8, 3/8 or 2/8, or ebsp-6-3, ebsp-5-3.", metavar="NAME"
        ),
    ] = "dense",
    images: Annotated[int, typer.Option(help="Held-out images to run.")] = 100,
    stalls: Annotated[float, typer.Option(help="Share of cycles in which a stream pauses.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Seed of the stalls.", min=0)] = 1,
    keep: Annotated[
        str | None,
        typer.Option(
            help="Of sparsity=joint-dbb: activations that each layer keeps of a block, as 8,4,4,4.",
            metavar="COUNTS",
        ),
    ] = None,
    json_file: JsonFile = None,
    settings: Settings = None,
) -> None:
    """A whole quantised network on the simulated systolic array or engine, layer by layer."""
    from macsmith.cli.run import run_network

    if not run_network(network, images, settings or [], stalls, seed, json_file, unit, keep):
        raise typer.Exit(1)


@app.command()
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


@app.command()
def demo(
    tech: Tech = None,
    folder: Annotated[Path, typer.Option(help="Where the files go.")] = Path("build/demo"),
) -> None:
    """The main job: generate ten units, verify them on a real network, compare them."""
    from macsmith.cli.demo import run_demo

    if not run_demo(tech, folder):
        raise typer.Exit(1)


def main() -> None:
    """Run the command; an error that the user can mend is one sentence and status 2."""
    try:
        app()
    except UserError as error:
        err.print(f"macsmith: {error}", soft_wrap=True, markup=False, highlight=False)
        sys.exit(2)
