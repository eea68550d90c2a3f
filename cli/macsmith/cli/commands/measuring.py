"""Commands that measure units as they are."""

from pathlib import Path
from typing import Annotated

import typer

from macsmith.catalog.settings import spec_of
from macsmith.cli.options import (
    ClearEvery,
    ClockTree,
    CrossCheck,
    CsvFile,
    Curve,
    Effort,
    Energy,
    EnergyBoundary,
    EnergyNetlists,
    HtmlFile,
    JsonFile,
    Names,
    Plots,
    Sensitivity,
    Settings,
    Spread,
    StimulusNames,
    Tech,
    Techs,
    Throughput,
    TimingEngine,
    WireModel,
    boundaries_of,
    conditions_of,
    point_index,
    request_of,
    units_of,
)
from macsmith.cli.own_rtl import Maps, Tops, Verilog, check_own, own_units
from macsmith.contract.errors import UserError


def measure(
    name: Annotated[
        str | None, typer.Argument(help="A unit of the catalogue; see macsmith list. Or --verilog.")
    ] = None,
    tech: Tech = None,
    verilog: Verilog = None,
    top: Tops = None,
    port_map: Maps = None,
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
    effort: Effort = None,
    wires: WireModel = "library",
    timing_engine: TimingEngine = "macsmith",
    clock_tree: ClockTree = False,
    spread: Spread = None,
    saif: Annotated[
        Path | None,
        typer.Option(help="Write the activity as SAIF to this file, and the netlist beside it."),
    ] = None,
    mode: Annotated[str | None, typer.Option(help="Mode of the SAIF; else the first.")] = None,
) -> None:
    """Area, clock period and energy of one unit, or of RTL of your own, on one technology."""
    from macsmith.cli.measurement import run_measurement, run_saif
    from macsmith.cli.outputs import Outputs
    from macsmith.jobs.energy_job import energy_limit
    from macsmith.library.resolve import resolve

    own = own_units(verilog, top, port_map)
    if len(own) + (name is not None) != 1:
        raise UserError(
            "measure must have one unit, by name or by --verilog and --top, not "
            f"{len(own) + (name is not None)}"
        )
    if own and settings:
        raise UserError(
            f"--set must be left out with --verilog, whose parameters are --top's, such as "
            f"'mac(WIDTH=8)', not be {settings[0]!r}"
        )
    check_own(own)
    units = own if name is None else {name: spec_of(name, settings or [])}
    ((name, spec),) = units.items()
    boundaries = boundaries_of(name, boundary)
    request = request_of(
        energy, energy_boundary, energy_netlists, stimulus, clear_every, cross_check
    )
    conditions = conditions_of(wires, timing_engine, clock_tree)
    index = 0 if mode is None else point_index(spec, mode)
    if saif is not None:
        beside = saif.with_suffix(".v")
        if beside.resolve() in {path.resolve() for path in verilog or ()}:
            raise UserError(f"saif must have another name than {saif}, whose netlist is {beside}")
        if energy is False or energy_limit(name, spec, boundaries[0]) is not None:
            raise UserError(f"saif must be left out for {name} where it has no energy")
        technology = resolve(tech, conditions)
        run_saif(name, spec, technology, boundaries[0], index, request.stimuli[0], saif)
    outputs = Outputs(json=json_file, csv=csv_file)
    run_measurement(
        units, [tech], boundaries, outputs, request, curve,
        effort=effort, conditions=conditions, spread=spread,
    )  # fmt: skip


def compare(
    names: Names = None,
    tech: Techs = None,
    verilog: Verilog = None,
    top: Tops = None,
    port_map: Maps = None,
    boundary: Annotated[
        str | None,
        typer.Option(
            help="Where all are cut, such as core; else each where it is measured by default: MACs "
            "at core and unit, RTL of your own at core."
        ),
    ] = None,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    html_file: HtmlFile = None,
    plots: Plots = None,
    settings: Settings = None,
    energy: Energy = None,
    energy_boundary: EnergyBoundary = None,
    energy_netlists: EnergyNetlists = "front",
    stimulus: StimulusNames = None,
    clear_every: ClearEvery = 50,
    cross_check: CrossCheck = False,
    curve: Curve = False,
    throughput: Throughput = "auto",
    wires: WireModel = "library",
    timing_engine: TimingEngine = "macsmith",
    clock_tree: ClockTree = False,
    spread: Spread = None,
    sensitivity: Sensitivity = False,
) -> None:
    """All styles and modes in one table, RTL of your own beside them."""
    from macsmith.analysis.throughput.equal_throughput import Range
    from macsmith.cli.measurement import run_measurement, run_sensitivity
    from macsmith.cli.outputs import Outputs

    targets = Range.parse(throughput)
    outputs = Outputs(json=json_file, csv=csv_file, html=html_file, plots=plots)
    request = request_of(
        energy, energy_boundary, energy_netlists, stimulus, clear_every, cross_check
    )
    own = own_units(verilog, top, port_map)
    units = units_of(names, settings) | own
    boundaries = None if boundary is None else (boundary,)
    for name in units:
        boundaries_of(name, boundary)
    check_own(own)
    conditions = conditions_of(wires, timing_engine, clock_tree)
    run_measurement(
        units, tech or [None], boundaries, outputs, request, curve,
        throughput=targets, conditions=conditions, spread=spread,
    )  # fmt: skip
    if sensitivity:
        run_sensitivity(units, tech or [None], boundaries, request, conditions)
