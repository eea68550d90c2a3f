"""Energies of a record in the unit of its library: pJ, or of the generic one C0V2.

C0 is the input capacitance of the generic library's unit inverter, V its supply. Each unit has keys
of its own; of both sets a record fills one.
"""

from typing import Literal, get_args

from macsmith.records.record import ArrayRecord, Record

_Rate = Literal["operations_per_cycle", "macs_per_cycle", "gops_per_s_per_mm2",
                "gmacs_per_s_per_mm2"]  # fmt: skip
OfUseful = Literal[
    "energy_pj_per_operation", "energy_c0v2_per_operation", "energy_pj_per_mac",
    "energy_c0v2_per_mac", "energy_zero_delay_pj_per_mac", "energy_zero_delay_c0v2_per_mac",
    "input_bits_per_mac", "output_bits_per_mac",
]  # fmt: skip
"""Figures of a product that somebody asked for."""

_Split = Literal["energy_parts", "energy_places", "energy_parts_c0v2", "energy_places_c0v2"]


def energy(record: Record) -> float | None:
    """Return the energy of an operation; None where it was not measured."""
    pj = record["energy_pj_per_operation"]
    return record["energy_c0v2_per_operation"] if pj is None else pj


def energy_without_glitches(record: Record) -> float | None:
    """Return the energy of an operation without glitches; None where it was not measured."""
    whole = energy(record)
    return None if whole is None else whole - energy_parts(record).get("glitches", 0.0)


def useful_share(record: Record) -> float:
    """Return the share of the operations that a unit issues that are useful; 1 if not known."""
    useful, issued = energy(record), energy_per_issued_mac(record)
    return issued / useful if useful and issued else 1.0


def of_useful(record: Record, share: float) -> Record:
    """Return the record of a unit of whose products, as it was measured, a share is useful."""
    found = record.copy()
    rates: tuple[_Rate, ...] = get_args(_Rate)
    for rate in rates:
        if (value := record[rate]) is not None:
            found[rate] = value * share
    each: tuple[OfUseful, ...] = get_args(OfUseful)
    for key in each:
        if (value := record[key]) is not None:
            found[key] = value / share
    splits: tuple[_Split, ...] = get_args(_Split)
    for split in splits:
        found[split] = {part: value / share for part, value in record[split].items()}
    return found


def energy_per_issued_mac(record: Record) -> float | None:
    """Return the energy of a product, what fills up beats included; None without energy."""
    pj = record["energy_pj_per_issued_mac"]
    return record["energy_c0v2_per_issued_mac"] if pj is None else pj


def energy_parts(record: Record) -> dict[str, float]:
    """Return what the energy of an operation is spent on; empty without energy."""
    return record["energy_parts"] or record["energy_parts_c0v2"]


def energy_places(record: Record) -> dict[str, float]:
    """Return where the energy of an operation is spent, if its unit was cut at its own boundary."""
    return record["energy_places"] or record["energy_places_c0v2"]


def energy_per_executed_mac(record: ArrayRecord) -> float | None:
    """Return the energy of a pair that a multiplier takes; None where it was not measured."""
    pj = record["energy_pj_per_executed_mac"]
    return record["energy_c0v2_per_executed_mac"] if pj is None else pj


def written(value: float | None, physical: bool) -> str:
    """Return an energy as tables show it: an operation takes about a pJ, and hundreds of C0V2."""
    if value is None:
        return ""
    return f"{value:.3f}" if physical else f"{value:.1f}"
