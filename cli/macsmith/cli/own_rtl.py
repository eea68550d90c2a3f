"""RTL of a user on the command line: ``--verilog``, ``--top``, ``--map``."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from macsmith.contract.errors import UserError

if TYPE_CHECKING:
    from macsmith.user_rtl.spec import UserRtlSpec

Verilog = Annotated[
    list[Path] | None,
    typer.Option(
        "--verilog",
        help="A file of RTL of your own, Verilog or SystemVerilog (.sv); repeatable.",
        metavar="FILE",
    ),
]
Tops = Annotated[
    list[str] | None,
    typer.Option(
        "--top",
        help="The module of it that is measured, NAME or NAME(PARAMETER=VALUE,...); repeatable.",
        metavar="NAME",
    ),
]
Maps = Annotated[
    list[Path] | None,
    typer.Option(
        "--map",
        help="TOML file that says what the ports of the module are, for energy and verification; "
        "one for each --top.",
        metavar="FILE",
    ),
]

CHECKED = 2_000
"""Random accumulations in each mode before a user's MAC is measured, beside pairs and extremes."""

_TOP = re.compile(r"([A-Za-z_][\w$]*)(?:\((.*)\))?")
_VALUE = re.compile(r"\s*([A-Za-z_][\w$]*)\s*=\s*(-?\d+)\s*")


def own_units(
    files: Sequence[Path] | None, tops: Sequence[str] | None, maps: Sequence[Path] | None
) -> "dict[str, UserRtlSpec]":
    """Return the specifications of a user's modules by their units' names; none without files.

    Raises
    ------
    UserError
        If options are missing, or a module is nothing that can be measured.
    """
    for option, words in (("top", tops), ("map", maps)):
        if words and not files:
            raise UserError(f"--{option} must be given with --verilog, not alone")
    if not files:
        return {}
    if not tops:
        raise UserError(f"--top must name a module of {files[0].name}, not be left out")
    if maps and len(maps) != len(tops):
        raise UserError(
            f"--map must be given as often as --top, which is {len(tops)} times, or not at all, "
            f"not {len(maps)} times"
        )
    from macsmith.user_rtl.entry import Given, specification

    units = {}
    for place, text in enumerate(tops):
        top, settings = parsed(text)
        given = Given(files=files, top=top, map=maps[place] if maps else None, settings=settings)
        if given.name in units:
            raise UserError(f"--top must name each module once, not {text} twice")
        units[given.name] = specification(given)
    return units


def parsed(text: str) -> tuple[str, dict[str, str]]:
    """Return the module and the parameters that a ``--top`` names.

    >>> parsed("mac(WIDTH=8,SIGNED=1)")
    ('mac', {'WIDTH': '8', 'SIGNED': '1'})
    """
    match = _TOP.fullmatch(text.strip())
    values = match[2].split(",") if match and match[2] else []
    pairs = [_VALUE.fullmatch(value) for value in values]
    if match is None or None in pairs:
        raise UserError(
            f"--top must be a module's name, or name(PARAMETER=NUMBER,...), not {text!r}"
        )
    return match[1], {pair[1]: pair[2] for pair in pairs if pair}


def check_own(units: "dict[str, UserRtlSpec]") -> None:
    """Refuse a user's MAC that does not compute what the map of its ports says.

    Raises
    ------
    UserError
        With the first mismatch.
    """
    from macsmith.cli.progress import show_progress
    from macsmith.verify.plan import Plan
    from macsmith.verify.verify import verification

    plan = Plan((), accumulations=CHECKED)
    mapped = {name: spec for name, spec in units.items() if spec.no_energy is None}
    with show_progress("verifying", sum(len(spec.points) for spec in mapped.values())) as step:
        for name, spec in mapped.items():
            for run in verification(name).bulk(spec, plan):
                step(f"{name} {run.mode}")
                if not run.right:
                    first = run.examples[0].sentence(name, run.mode)
                    raise UserError(f"a map must say what its RTL computes, but {first}")
