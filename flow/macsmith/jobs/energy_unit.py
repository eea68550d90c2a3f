"""The unit that the energies of a record are in, and the keys that hold them.

Real libraries give pJ. The embedded one knows no volt and no farad: its energies are in C0 V^2, C0
being the input capacitance of its unit inverter and V the supply, and have keys of their own, as
its areas and times have. Of both sets of keys a record fills one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EnergyUnit:
    """A unit of energy: how it is written, how many of it a pJ is, and its keys in records.

    Members
    -------
    per_mac, zero_delay
        Energy of a product, with glitches and without.
    parts, places
        The same by what it is spent on, and by where.
    per_executed_mac
        Energy of a multiplication, of arrays.
    leaks
        Whether the library states leakage.
    """

    name: str
    per_pj: float
    per_mac: str
    zero_delay: str
    parts: str
    places: str
    per_executed_mac: str
    leaks: bool

    @property
    def form(self) -> str:
        """How tables write a figure: a product takes about a pJ, and hundreds of C0 V^2."""
        return ".3f" if self.leaks else ".1f"


PJ = EnergyUnit(
    name="pJ",
    per_pj=1.0,
    per_mac="energy_pj_per_mac",
    zero_delay="energy_zero_delay_pj_per_mac",
    parts="energy_parts",
    places="energy_places",
    per_executed_mac="energy_pj_per_executed_mac",
    leaks=True,
)
# The embedded library's file writes C0 as 1 fF and V as 1 V.
C0V2 = EnergyUnit(
    name="C0V2",
    per_pj=1e3,
    per_mac="energy_c0v2_per_mac",
    zero_delay="energy_zero_delay_c0v2_per_mac",
    parts="energy_parts_c0v2",
    places="energy_places_c0v2",
    per_executed_mac="energy_c0v2_per_executed_mac",
    leaks=False,
)
ENERGY_UNITS = PJ, C0V2


def energy_unit(physical: bool) -> EnergyUnit:
    """Return the unit of a library: pJ of a ``physical`` one, C0 V^2 of the embedded one."""
    return PJ if physical else C0V2


def unit_of_record(record: Mapping[str, Any]) -> EnergyUnit:
    """Return the unit that a record's energies are in, if it has any."""
    return energy_unit(record["area_um2"] is not None)


def energy_of(record: Mapping[str, Any]) -> float | None:
    """Return the energy of a product in the record's unit; None where it was not measured."""
    energy: float | None = record[unit_of_record(record).per_mac]
    return energy


def without_energies() -> dict[str, Any]:
    """Return the keys of energies, all of them empty."""
    single = {key: None for unit in ENERGY_UNITS for key in (unit.per_mac, unit.zero_delay)}
    divided: dict[str, Any] = {key: {} for one in ENERGY_UNITS for key in (one.parts, one.places)}
    return single | divided
