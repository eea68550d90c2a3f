"""The one list of what can be built: name, specification, component."""

from collections.abc import Mapping
from typing import Any

from amaranth.lib import wiring

from macsmith.array.arrays import ARRAYS, Array
from macsmith.contract.errors import UserError, nearest
from macsmith.mac.core import MacCore
from macsmith.mac.styles import STYLES, Style

BOUNDARIES = ("core", "unit")
"""Where a MAC may be cut: the published core, or the whole with its streams."""

CATALOG: Mapping[str, Style] = {
    name: style for name, style in STYLES.items() if style.spec.any_weights
}
"""The MAC styles that multiply any operands, which are what commands take if none is named."""

UNITS: Mapping[str, Style | Array] = {**STYLES, **ARRAYS}
"""All that can be built."""


def lookup(name: str) -> Style | Array:
    """Return the catalogue's entry of that name.

    Raises
    ------
    UserError
        If there is none; the sentence gives the nearest name.
    """
    if name in UNITS:
        return UNITS[name]
    hint = nearest(name, UNITS)
    raise UserError(f"unit must be a name of the catalogue, not {name!r}; {hint}")


def check_style(name: str) -> str:
    """Return the name of a MAC style, or raise a sentence about one that is none."""
    if not isinstance(lookup(name), Style):
        raise UserError(f"unit must be a MAC style here, one of {', '.join(STYLES)}, not {name!r}")
    return name


def check_boundary(name: str, boundary: str) -> str:
    """Return a boundary that a unit has, or raise a sentence."""
    boundaries = lookup(name).boundaries
    if boundary not in boundaries:
        rule = " or ".join(boundaries)
        raise UserError(f"boundary of {name} must be {rule}, not {boundary!r}")
    return boundary


def check_measured(name: str, boundary: str) -> str:
    """Return a boundary at which a unit can be measured, or raise a sentence."""
    entry = lookup(name)
    if isinstance(entry, Array) and check_boundary(name, boundary) in entry.unmeasured:
        rule = " or ".join(entry.measured)
        raise UserError(
            f"boundary must be {rule} to measure {name}, whose memories no cell library has, "
            f"not {boundary!r}"
        )
    return check_boundary(name, boundary)


def core(name: str, spec: Any) -> MacCore:
    """Return the core of a MAC style."""
    return STYLES[name].build(spec)


def build(name: str, spec: Any, boundary: str = "unit") -> wiring.Component:
    """Return the component of a unit, cut at ``boundary``.

    Raises
    ------
    UserError
        If the unit has no such boundary.
    """
    return lookup(name).boundaries[check_boundary(name, boundary)](spec)


def make_spec(name: str, parameters: Mapping[str, Any] | None = None) -> Any:
    """Return the specification of a unit.

    Raises
    ------
    UserError
        If a parameter is unknown or breaks its rule.
    """
    spec = lookup(name).spec
    known = spec.parameter_names()
    for parameter in parameters or {}:
        if parameter not in known:
            hint = nearest(parameter, known)
            raise UserError(f"parameter must be one that {name} has, not {parameter!r}; {hint}")
    return spec(**(parameters or {}))
