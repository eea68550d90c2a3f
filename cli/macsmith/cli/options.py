"""Options that commands share, and what their texts stand for."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from macsmith.catalog import catalog
from macsmith.catalog.settings import applicable, mac_spec_of, spec_of
from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec
from macsmith.mac.spec import MacSpec
from macsmith.mac.styles import STYLES

if TYPE_CHECKING:
    from macsmith.jobs.request import Request
    from macsmith.operands.stimulus import Stimulus

PRUNING = "dap"
"""The unit that multiplies nothing."""

Names = Annotated[list[str] | None, typer.Argument(help="Units; all of the catalogue if none.")]
Name = Annotated[str, typer.Argument(help="A unit of the catalogue; see macsmith list.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="A parameter, key=value; repeatable.", metavar="KEY=VALUE"),
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write JSON to this file.")]
CsvFile = Annotated[Path | None, typer.Option("--csv", help="Write CSV to this file.")]
HtmlFile = Annotated[
    Path | None, typer.Option("--html", help="Write a page with charts to this file.")
]
Plots = Annotated[Path | None, typer.Option(help="Write the charts as SVG and PNG to this folder.")]
Tech = Annotated[
    str | None,
    typer.Option(help="Technology: a name, a Liberty file or a folder; else the generic library."),
]
Techs = Annotated[
    list[str] | None,
    typer.Option(
        "--tech", help="Technology, repeatable; see macsmith measure.", show_default=False
    ),
]
Energy = Annotated[
    bool | None,
    typer.Option(
        "--energy/--no-energy",
        help="Energy of the netlist of least area x period; if not given, where it can be.",
        show_default=False,
    ),
]
EnergyBoundary = Annotated[
    str | None, typer.Option(help="Where to cut units for energy: core, unit or both; else core.")
]
EnergyNetlists = Annotated[
    str, typer.Option(help="Netlists to find energies of: best, by area x period, or all.")
]
StimulusNames = Annotated[
    list[str] | None,
    typer.Option(
        "--stimulus",
        help="Operands for energy, repeatable: uniform, stationary (weights are held), network, "
        "or a CSV, NPY or NPZ file.",
        metavar="NAME|FILE",
    ),
]
StimulusName = Annotated[
    str,
    typer.Option(help="Operands: uniform, stationary, network, or a file.", metavar="NAME|FILE"),
]
ClearEvery = Annotated[
    int, typer.Option(help="Beats of an accumulation of uniform operands and of pairs in a file.")
]
CrossCheck = Annotated[
    bool, typer.Option("--cross-check", help="Compare toggles with those of Icarus Verilog.")
]
Curve = Annotated[
    bool,
    typer.Option("--curve", help="More netlists, between fastest and smallest; takes minutes."),
]
Boundary = Annotated[
    str,
    typer.Option(
        help="Where the unit is cut: core or unit; multiplier of some MACs, pe of an array."
    ),
]


def units_of(
    names: list[str] | None,
    settings: list[str] | None,
    known: Collection[str] = tuple(catalog.CATALOG),
) -> dict[str, MacSpec]:
    """Return the specifications of the named units, or all known; settings go where they apply."""
    settings = settings or []
    if names:
        return {name: mac_spec_of(name, settings) for name in names}
    for setting in settings:
        if not any(applicable(name, [setting]) for name in known):
            spec_of(next(iter(known)), [setting])
    return {name: mac_spec_of(name, applicable(name, settings)) for name in known}


def verifiable(names: list[str] | None, settings: list[str] | None) -> dict[str, UnitSpec]:
    """Return the specifications of the named units, whatever they are, or of all MAC styles."""
    if names:
        return {name: spec_of(name, settings or []) for name in names}
    return dict(units_of(names, settings, STYLES))


def mac_boundary(boundary: str) -> str:
    """Return a boundary of MACs, or raise a sentence."""
    if boundary not in catalog.BOUNDARIES:
        raise UserError(f"boundary must be {' or '.join(catalog.BOUNDARIES)}, not {boundary!r}")
    return boundary


def request_of(
    energy: bool | None,
    boundary: str | None,
    netlists: str,
    stimuli: list[str] | None,
    clear_every: int,
    cross_check: bool,
) -> "Request":
    """Return what energies and cross-checks options ask for."""
    from macsmith.jobs.request import Request

    places = {one: (one,) for one in catalog.BOUNDARIES} | {"both": catalog.BOUNDARIES}
    if boundary is not None and boundary not in places:
        raise UserError(f"energy-boundary must be core, unit or both, not {boundary!r}")
    if netlists not in ("best", "all"):
        raise UserError(f"energy-netlists must be best or all, not {netlists!r}")
    return Request(
        energy=energy,
        stimuli=tuple(
            stimulus_of(name, clear_every) for name in dict.fromkeys(stimuli or ["uniform"])
        ),
        boundaries=None if boundary is None else places[boundary],
        every_netlist=netlists == "all",
        cross_check=cross_check,
    )


def stimulus_of(name: str, clear_every: int) -> "Stimulus":
    """Return the operands of a name or a file."""
    from macsmith.operands.stimulus import STIMULI, Uniform
    from macsmith.operands.user_file import ENDINGS, read_operands

    if Path(name).suffix.lower() in ENDINGS:
        return read_operands(Path(name), clear_every)
    if name not in STIMULI:
        raise UserError(
            f"stimulus must be {', '.join(STIMULI)} or a file that ends in {', '.join(ENDINGS)}, "
            f"not {name!r}"
        )
    stimulus = STIMULI[name]
    return replace(stimulus, length=clear_every) if isinstance(stimulus, Uniform) else stimulus


def mode_index(spec: UnitSpec, text: str) -> int:
    """Return the place of a mode among those of a unit."""
    modes = [str(mode) for mode in spec.modes]
    if text not in modes:
        raise UserError(f"mode must be one of {', '.join(modes)}, not {text!r}")
    return modes.index(text)
