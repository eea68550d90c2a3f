"""Commands that measure many designs side by side."""

from pathlib import Path
from typing import Annotated

import typer

from macsmith.cli.options import (
    ClockTree,
    CsvFile,
    Energy,
    HtmlFile,
    JsonFile,
    Names,
    Plots,
    Settings,
    StimulusNames,
    Tech,
    TimingEngine,
    WireModel,
    conditions_of,
    stimulus_of,
)


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
    wires: WireModel = "library",
    timing_engine: TimingEngine = "macsmith",
    clock_tree: ClockTree = False,
) -> None:
    """Units over ranges of parameters; goes on where it was interrupted."""
    from macsmith.analysis.sweep import stated
    from macsmith.cli.analyses.sweep import run_sweep
    from macsmith.cli.outputs import Outputs

    given = {
        "units": names, "tech": tech, "boundaries": boundary, "recipes": recipe, "adders": adders,
        "energy": energy, "stimulus": stimulus,
    }  # fmt: skip
    outputs = Outputs(json=json_file, csv=csv_file, html=html_file)
    conditions = conditions_of(wires, timing_engine, clock_tree)
    chosen = stated(file, settings or [], given)
    if not run_sweep(chosen, outputs, workers, scheduler, conditions):
        raise typer.Exit(1)


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
    wires: WireModel = "library",
    timing_engine: TimingEngine = "macsmith",
    clock_tree: ClockTree = False,
) -> None:
    """Tensor PEs of systolic arrays: area and energy a product, beside the classic PE's."""
    from macsmith.analysis.pe_gains import points_of
    from macsmith.cli.analyses.array import run_array
    from macsmith.cli.outputs import Outputs

    outputs = Outputs(json=json_file, csv=csv_file, html=html_file, plots=plots)
    run_array(
        points_of(pe or (), density or ()), tech, settings or [],
        [stimulus_of(name, 50) for name in dict.fromkeys(stimulus or ())], outputs, energy,
        conditions_of(wires, timing_engine, clock_tree),
    )  # fmt: skip
