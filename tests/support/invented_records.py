"""Records that tests invent: what follows from the figures of MACs that they state."""

from collections.abc import Iterable, Mapping
from typing import Any

from macsmith.records.record import Record

SAME = {
    "point": "mode",
    "operations_per_cycle": "macs_per_cycle",
    "gops_per_s_per_mm2": "gmacs_per_s_per_mm2",
    "energy_pj_per_operation": "energy_pj_per_mac",
    "energy_c0v2_per_operation": "energy_c0v2_per_mac",
}
"""Keys of every family, and the keys of MACs that say the same."""

ABSENT: dict[str, Any] = {
    "energy_c0v2_per_mac": None, "energy_zero_delay_c0v2_per_mac": None, "energy_parts": {},
    "energy_parts_c0v2": {}, "energy_places": {}, "energy_places_c0v2": {}, "spread": {},
    "energy_pj_per_issued_mac": None, "energy_c0v2_per_issued_mac": None, "wires": "library",
    "timing_engine": "macsmith",
}  # fmt: skip


def of_macs(given: Mapping[str, Any]) -> Any:
    """Return a record of MACs with the keys of every family, equal to those of MACs."""
    whole = {"operation": "MAC"} | ABSENT | dict(given)
    return whole | {key: whole.get(of_mac) for key, of_mac in SAME.items()}


def all_of_macs(given: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Return several of them."""
    return [of_macs(record) for record in given]
