"""Commands that measure units as they are."""

from pathlib import Path
from typing import Annotated

import typer

from macsmith.catalog.settings import spec_of
from macsmith.cli.options import (
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
    StimulusNames,
    Tech,
    Techs,
    boundaries_of,
    point_index,
    request_of,
    units_of,
)
from macsmith.contract.errors import UserError


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
