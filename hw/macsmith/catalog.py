"""The one list of what can be built: name, specification, component."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from macsmith.errors import UserError, nearest
from macsmith.mac.core import MacCore, MatrixCore
from macsmith.mac.data_gated import DataGated, DataGatedSpec
from macsmith.mac.dnc_1d_sa import Dnc1dSa, Dnc1dSaSpec
from macsmith.mac.dnc_1d_st import Dnc1dSt, Dnc1dStSpec
from macsmith.mac.dnc_2d_sa import Dnc2dSa, Dnc2dSaSpec
from macsmith.mac.dnc_2d_st import Dnc2dSt, Dnc2dStSpec
from macsmith.mac.serial_1d import Serial1d, Serial1dSpec
from macsmith.mac.serial_2d import Serial2d, Serial2dSpec
from macsmith.mac.subword import SubwordSa, SubwordSaSpec
from macsmith.mac.subword_st import SubwordSt, SubwordStSpec
from macsmith.mac.unit import MacUnit
from macsmith.spec import MacSpec

BOUNDARIES = ("core", "unit")
"""Where a unit may be cut: the published core, or the whole with its streams."""


@dataclass(frozen=True)
class Entry:
    """A unit of the catalogue.

    Parameters
    ----------
    name:
        What users call it.
    spec:
        Its specification class.
    core:
        The component that a specification builds.
    """

    name: str
    spec: type[MacSpec]
    core: type[MacCore]


CATALOG: Mapping[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry("data-gated", DataGatedSpec, DataGated),
        Entry("subword-sa", SubwordSaSpec, SubwordSa),
        Entry("subword-st", SubwordStSpec, SubwordSt),
        Entry("dnc-1d-sa", Dnc1dSaSpec, Dnc1dSa),
        Entry("dnc-1d-st", Dnc1dStSpec, Dnc1dSt),
        Entry("dnc-2d-sa", Dnc2dSaSpec, Dnc2dSa),
        Entry("dnc-2d-st", Dnc2dStSpec, Dnc2dSt),
        Entry("serial-1d", Serial1dSpec, Serial1d),
        Entry("serial-2d", Serial2dSpec, Serial2d),
    )
}


def lookup(name: str) -> Entry:
    """Return the catalogue's entry of that name.

    Raises
    ------
    UserError
        If there is none; the sentence gives the nearest name.
    """
    if name in CATALOG:
        return CATALOG[name]
    hint = nearest(name, CATALOG)
    raise UserError(f"unit must be a name of the catalogue, not {name!r}; {hint}")


def core(name: str, spec: MacSpec) -> MacCore:
    """Return the core of a unit."""
    row = lookup(name).core
    return row(spec) if spec.rows == 1 else MatrixCore(spec, row)


def build(name: str, spec: MacSpec, boundary: str = "unit") -> MacCore | MacUnit:
    """Return the component of a unit, cut at ``boundary``."""
    return core(name, spec) if boundary == "core" else MacUnit(core(name, spec))


def make_spec(name: str, parameters: Mapping[str, Any] | None = None) -> MacSpec:
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
