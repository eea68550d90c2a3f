"""The one list of what can be built: each unit of our own, and those of installed packages.

A package of others gives units by an entry point of the group ``macsmith.units``, whose object is a
`Unit` or several of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from amaranth.lib import wiring

from macsmith.array.arrays import ARRAYS
from macsmith.catalog.suggestions import with_legal_suggestion
from macsmith.codec.codecs import CODECS
from macsmith.compact.compact_units import COMPACT
from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.contract.errors import UserError, nearest
from macsmith.contract.unit import Cut, Unit, resolve
from macsmith.fp.fp_units import FP_UNITS
from macsmith.functions.function_units import FUNCTIONS
from macsmith.mac.styles import STYLES
from macsmith.rtl.axi_boundary import with_axi_stream
from macsmith.rtl.emit import to_rtlil
from macsmith.sparse.sparse_units import SPARSE

TOP = "unit"
"""The module of RTLIL that is the unit."""

GROUP = "macsmith.units"
"""The group of entry points by which other packages give units."""

FOREIGN = "verilog:"
"""How names begin of units whose RTL a user brings along; the module's name follows."""

_FOREIGN_ENTRY = "macsmith.user_rtl.entry:UNIT"

REFERENCE = "data-gated"
"""The unit that others are compared with: the conventional MAC."""


@cache
def units() -> Mapping[str, Unit]:
    """Return all that can be built, by name, our own first.

    Raises
    ------
    UserError
        If a package's entry point cannot be loaded, gives no units, or takes a name twice.
    """
    styles = {name: style.unit for name, style in STYLES.items()}
    found = {**styles, **ARRAYS, **FP_UNITS, **COMPACT, **FUNCTIONS, **CODECS, **SPARSE}
    for unit, origin in _installed():
        if unit.name in found:
            raise UserError(f"units must have names of their own, but {origin} gives {unit.name!r}")
        found[unit.name] = unit
    return {name: with_axi_stream(unit) for name, unit in found.items()}


def _installed() -> Iterator[tuple[Unit, str]]:
    """Yield the units of other packages, each with the entry point that gives it."""
    for point in entry_points(group=GROUP):
        origin = f"entry point {point.name} = {point.value}"
        try:
            given = point.load()
        except Exception as error:
            raise UserError(f"{origin} must load, but gives {error!r}") from error
        several = (given,) if isinstance(given, Unit) else given
        if not all(isinstance(one, Unit) for one in several):
            raise UserError(f"{origin} must be a Unit or several, not {given!r}")
        for one in several:
            yield one, origin


def compared() -> tuple[str, ...]:
    """Return the units that commands take if none is named."""
    return tuple(name for name, unit in units().items() if unit.compared)


def with_precisions() -> tuple[str, ...]:
    """Return the units whose points are precisions."""
    return tuple(name for name, unit in units().items() if unit.precisions)


def lookup(name: str) -> Unit:
    """Return the catalogue's entry of that name; of RTL that a user brings along, one for all.

    Raises
    ------
    UserError
        If there is none; the sentence gives the nearest name.
    """
    if name.startswith(FOREIGN):
        entry: Unit = resolve(_FOREIGN_ENTRY)
        return replace(entry, name=name)
    return listed(name)


def listed(name: str) -> Unit:
    """Return the entry of a unit that is built here, or raise a sentence."""
    known = units()
    if name in known:
        return known[name]
    hint = nearest(name, known)
    raise UserError(f"unit must be a name of the catalogue, not {name!r}; {hint}")


def check_precisions(name: str) -> str:
    """Return the name of a unit with precisions, or raise a sentence about one without."""
    return _check(name, lambda unit: unit.precisions)


def check_selftest(name: str) -> str:
    """Return the name of a unit with a self-test for boards, or raise a sentence."""
    return _check(name, lambda unit: unit.selftest)


def _check(name: str, fits: Callable[[Unit], bool]) -> str:
    if not fits(lookup(name)):
        known = ", ".join(one for one, unit in units().items() if fits(unit))
        raise UserError(f"unit must be a MAC style here, one of {known}, not {name!r}")
    return name


def cut(name: str, boundary: str) -> Cut:
    """Return a boundary of a unit.

    Raises
    ------
    UserError
        If the unit has no such boundary.
    """
    unit = lookup(name)
    if boundary not in unit.cuts:
        rule = f"must be {' or '.join(unit.cuts)}, not {boundary!r}"
        already = unit.speaks_axi and boundary == AXI_STREAM
        why = ": its streams are AXI4-Stream already" if already else ""
        raise UserError(f"boundary of {name} {rule}{why}")
    return unit.cuts[boundary]


def check_measured(name: str, boundary: str) -> str:
    """Return a boundary at which a unit can be measured, or raise a sentence."""
    if cut(name, boundary).memories:
        rule = " or ".join(lookup(name).measured)
        raise UserError(
            f"boundary must be {rule} to measure {name}, whose memories no cell library has, "
            f"not {boundary!r}"
        )
    return boundary


def check_driven(name: str, boundary: str) -> str:
    """Return a boundary that has all of a unit in it, so that a bench drives it, or raise."""
    cut(name, boundary)
    driven = [one for one in lookup(name).cuts if one in ("unit", AXI_STREAM)]
    if boundary not in driven:
        raise UserError(f"boundary must be {' or '.join(driven)} to check {name}, not {boundary!r}")
    return boundary


def build(name: str, spec: Any, boundary: str = "unit") -> wiring.Component:
    """Return the component of a unit, cut at ``boundary``.

    Raises
    ------
    UserError
        If the unit has no such boundary.
    """
    return cut(name, boundary).build(spec)


def rtlil(name: str, spec: Any, boundary: str = "unit") -> str:
    """Return the RTLIL of a unit, cut at ``boundary``, with top module `TOP`.

    Raises
    ------
    UserError
        If the unit has no such boundary.
    """
    place = cut(name, boundary)
    return place.rtlil(spec) if place.rtlil else to_rtlil(place.build(spec), TOP)


def make_spec(name: str, parameters: Mapping[str, Any] | None = None) -> Any:
    """Return the specification of a unit.

    Raises
    ------
    UserError
        If a parameter is unknown or breaks its rule.
    """
    spec = listed(name).spec
    known = spec.parameter_types()
    for parameter in parameters or {}:
        if parameter not in known:
            hint = nearest(parameter, known if "." in parameter else spec.parameter_names())
            raise UserError(f"parameter must be one that {name} has, not {parameter!r}; {hint}")
    try:
        return spec(**(parameters or {}))
    except UserError as error:
        raise with_legal_suggestion(error, spec, parameters or {}) from None


def spec_of_parameters(name: str, values: Mapping[str, Any]) -> Any:
    """Return the specification whose `UnitSpec.parameters` these are."""
    return lookup(name).spec.of_parameters(values)
