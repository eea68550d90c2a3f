"""Commands on what units cost at other supplies, for mixes and for networks."""

from pathlib import Path
from typing import Annotated

import typer

from macsmith.analysis.zeros.macro_states import READ, WRITE
from macsmith.cli.options import (
    Boundary,
    ClearEvery,
    ClockTree,
    CsvFile,
    JsonFile,
    Names,
    Plots,
    Settings,
    StimulusName,
    Tech,
    TimingEngine,
    WireModel,
    conditions_of,
    precision_units,
    published_boundary,
    stimulus_of,
)


def scaling(
    names: Names = None,
    tech: Annotated[
        str | None,
        typer.Option(
            help="A library that states its voltage and its energies: a name, a Liberty file or a "
            "folder; must be given.",
            show_default=False,
        ),
    ] = None,
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
    wires: WireModel = "library",
    timing_engine: TimingEngine = "macsmith",
    clock_tree: ClockTree = False,
) -> None:
    """Energy if voltage and frequency scale with precision (DAS, DVAS, DVAFS), modelled."""
    from macsmith.cli.analyses.scaling import ScalingOutputs, Supply, run_scaling

    supply = Supply(
        vth=vth, alpha=alpha, vmin=vmin, step=step, corners=corner or (), fixed=fixed or (),
        others_pj=others, boundary=published_boundary(boundary),
    )  # fmt: skip
    outputs = ScalingOutputs(json=json_file, csv=csv_file, plots=plots)
    operands = stimulus_of(stimulus, clear_every)
    conditions = conditions_of(wires, timing_engine, clock_tree)
    run_scaling(precision_units(names, settings), tech, supply, operands, outputs, conditions)


def zeros(
    tech: Tech = None,
    macros: Annotated[
        Path | None,
        typer.Option(
            help="Liberty file of memory macros, or a folder of such; else a table of IHP's."
        ),
    ] = None,
    macro_read: Annotated[
        str, typer.Option(help="Pins of a macro when a word is read, joined by &.", metavar="PINS")
    ] = READ,
    macro_write: Annotated[
        str, typer.Option(help="The same when a word is written.", metavar="PINS")
    ] = WRITE,
    density: Annotated[
        list[float] | None,
        typer.Option(help="Share of operands that are not zero; repeatable, else five."),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """One layer on dense arrays, arrays of blocks, and engines that skip zeros."""
    from macsmith.analysis.zeros.comparison import DENSITIES
    from macsmith.cli.analyses.zeros import run_zeros

    run_zeros(tech, macros, (macro_read, macro_write), density or DENSITIES, json_file)


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
    boundary: Boundary = "unit",
    stimulus: StimulusName = "uniform",
    clear_every: ClearEvery = 50,
    wires: WireModel = "library",
    timing_engine: TimingEngine = "macsmith",
    clock_tree: ClockTree = False,
) -> None:
    """Energy, time and area of units for mixes of precisions."""
    from macsmith.analysis.precision_mix import PUBLISHED_MIXES, Mix, fitting
    from macsmith.cli.analyses.mix import run_mixes
    from macsmith.cli.outputs import Outputs

    chosen = [Mix.parse(text) for text in mixes or []] or list(PUBLISHED_MIXES)
    units = precision_units(names, fitting(settings or [], max(one.width for one in chosen)))
    outputs = Outputs(json=json_file, csv=csv_file)
    conditions = conditions_of(wires, timing_engine, clock_tree)
    operands, place = stimulus_of(stimulus, clear_every), published_boundary(boundary)
    run_mixes(units, tech, chosen, outputs, operands, place, conditions)


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
    boundary: Boundary = "unit",
    stimulus: Annotated[
        str, typer.Option(help="Operands: layers for their bits and zeros, or uniform.")
    ] = "layers",
    wires: WireModel = "library",
    timing_engine: TimingEngine = "macsmith",
    clock_tree: ClockTree = False,
) -> None:
    """Energy, time and area of units for the layers of a network."""
    from macsmith.analysis.network_cost import layer_stimulus
    from macsmith.analysis.precision_mix import fitting
    from macsmith.cli.analyses.workload import run_workload
    from macsmith.cli.outputs import Outputs
    from macsmith.networks.layer_tables.read import read_workload

    operands, network = layer_stimulus(stimulus), read_workload(what)
    units = precision_units(names, fitting(settings or [], network.width))
    conditions = conditions_of(wires, timing_engine, clock_tree)
    outputs = Outputs(json=json_file, csv=csv_file)
    run_workload(units, tech, network, outputs, operands, published_boundary(boundary), conditions)
