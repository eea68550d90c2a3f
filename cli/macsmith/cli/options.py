"""Options that commands share, and what their texts stand for."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from macsmith.catalog.catalog import (
    check_measured,
    check_precisions,
    compared,
    lookup,
    with_precisions,
)
from macsmith.catalog.settings import applicable, spec_of
from macsmith.contract.errors import UserError
from macsmith.contract.unit import UnitSpec

if TYPE_CHECKING:
    from macsmith.jobs.request import Request
    from macsmith.library.technology import Conditions
    from macsmith.operands.stimulus import Stimulus

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
WireModel = Annotated[
    str,
    typer.Option(
        "--wires",
        help="Wires in periods and energies: none, library for its wire-load model, or fanout for "
        "lengths by fanout, which also stand in where a library has no model; fanout=C for C fF "
        "per um.",
        metavar="none|library|fanout",
    ),
]
TimingEngine = Annotated[
    str, typer.Option(help="Whose timing analysis: macsmith, or opensta where it is installed.")
]
ClockTree = Annotated[
    bool,
    typer.Option(
        "--clock-tree", help="Count a clock tree of the library's buffers in energies, modelled."
    ),
]
Sensitivity = Annotated[
    bool,
    typer.Option(
        "--sensitivity",
        help="Compare under every model of wires too, without and with a clock tree, and tell "
        "which units change places.",
    ),
]
Spread = Annotated[
    int | None,
    typer.Option(
        help="Make the netlist of least area x period of each unit so many times, its cells in "
        "other orders, and call differences within their spread ties.",
        metavar="N",
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
    str | None,
    typer.Option(
        help="Where to cut units for energy: core, unit, both, or another boundary; else the first "
        "that is measured and can have energies."
    ),
]
EnergyNetlists = Annotated[
    str,
    typer.Option(
        help="Netlists to find energies of: best, by area x period; front, those that no other of "
        "the unit beats in area and period; or all."
    ),
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
Effort = Annotated[
    int | None,
    typer.Option(
        help="Search among the forms in which a unit may be built, 1 (fewest netlists) to 5, and "
        "measure those that no other beats.",
        show_default=False,
    ),
]
Throughput = Annotated[
    str,
    typer.Option(
        help="Equal throughput at which units are compared first: auto for the decades that they "
        "reach, LOW..HIGH in GMAC/s (MAC/ktau on the generic library), or none.",
        metavar="auto|LOW..HIGH|none",
    ),
]
Boundary = Annotated[
    str,
    typer.Option(
        help="Where the unit is cut: unit, or a part of it such as core; macsmith list names them."
    ),
]


def units_of(
    names: list[str] | None,
    settings: list[str] | None,
    known: Collection[str] = (),
    check: Callable[[str], str] = lambda name: name,
) -> dict[str, Any]:
    """Return the specifications of the named units, or all known; settings go where they apply.

    Parameters
    ----------
    known
        Units that are taken if none is named; those that are compared if empty.
    check
        Raises a sentence about a unit that a command cannot take.
    """
    settings = settings or []
    if names:
        return {check(name): spec_of(name, settings) for name in names}
    known = known or compared()
    for setting in settings:
        if not any(applicable(name, [setting]) for name in known):
            spec_of(next(iter(known)), [setting])
    return {name: spec_of(name, applicable(name, settings)) for name in known}


def precision_units(names: list[str] | None, settings: list[str] | None) -> dict[str, Any]:
    """Return the same of units with precisions; others are refused."""
    return units_of(names, settings, check=check_precisions)


def boundaries_of(name: str, boundary: str | None) -> tuple[str, ...]:
    """Return where a unit is cut for measurement: at a boundary, or where it always is."""
    return lookup(name).measured if boundary is None else (check_measured(name, boundary),)


def published_boundary(boundary: str) -> str:
    """Return a boundary that every unit with precisions has, or raise a sentence."""
    shared = [set(lookup(name).measured) for name in with_precisions()]
    known = [one for one in lookup(with_precisions()[0]).measured if all(one in s for s in shared)]
    if boundary not in known:
        raise UserError(f"boundary must be {' or '.join(known)}, not {boundary!r}")
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
    from macsmith.jobs.energy_job import NETLISTS
    from macsmith.jobs.request import Request

    both = ("unit", "core")
    boundaries = None if boundary is None else both if boundary == "both" else (boundary,)
    if netlists not in NETLISTS:
        raise UserError(f"energy-netlists must be {', '.join(NETLISTS)}, not {netlists!r}")
    return Request(
        energy=energy,
        stimuli=tuple(
            stimulus_of(name, clear_every) for name in dict.fromkeys(stimuli or ["uniform"])
        ),
        boundaries=boundaries,
        netlists=netlists,
        cross_check=cross_check,
    )


def conditions_of(wires: str, timing_engine: str, clock_tree: bool = False) -> "Conditions":
    """Return what options assume beyond a library, or raise a sentence before any work."""
    from macsmith.library.technology import Conditions
    from macsmith.timing import opensta

    if timing_engine == "opensta":
        opensta.required()
    return Conditions(wires, timing_engine, clock_tree)


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


def point_index(spec: UnitSpec, text: str) -> int:
    """Return the place of a point, such as a mode, among those of a unit."""
    points = [str(point) for point in spec.points]
    if text not in points:
        raise UserError(f"mode must be one of {', '.join(points)}, not {text!r}")
    return points.index(text)
