"""What a mix of precisions costs, from the records of its modes.

A share of the products is of one precision, and each precision runs in the cheapest mode of a unit
that holds its operands. With shares s of the products in modes m:

    energy per MAC            sum of s * energy_m
    cycles per MAC            sum of s / macs_per_cycle_m
    time per MAC              sum of s * period_m / macs_per_cycle_m

The period is that of each mode, if the clock may change with the mode, or else one for all: the
netlist's. The mixes of Camus et al. (JETCAS 2019) have a part at 8x8 and the rest in narrower
modes, symmetric or with full activations; we give each of the two narrower modes half of the rest.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from macsmith.analysis.throughput.contest import leading
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.mac.spec import MacSpec
from macsmith.networks.layer_tables.layers import least_modes
from macsmith.records.energies import OfUseful, energy
from macsmith.records.in_units import mode_period, period
from macsmith.records.record import MixRecord, Record, TimedRecord
from macsmith.records.selection import smallest_product, unit_of

FAMILIES = {"symmetric": ("8x8", "4x4", "2x2"), "weight-only": ("8x8", "8x4", "8x2")}
"""The published ways to narrow operands, full precision first."""

FULL_SHARES = (5, 20, 33)
"""The published shares of full precision, in per cent."""

FORMS = "symmetric:5, weight-only:20, or shares such as 8x8=0.05,4x4=0.45,2x2=0.5"


@dataclass(frozen=True)
class Mix:
    """Shares of products by precision; they add up to 1."""

    name: str
    shares: Mapping[Mode, float]

    @classmethod
    def parse(cls, text: str) -> "Mix":
        """Read a mix: a family and per cent at full precision, or shares.

        Raises
        ------
        UserError
            If it is neither, or the shares do not sum to 1.
        """
        family, colon, percent = text.partition(":")
        if colon and family in FAMILIES:
            return cls(text, _family(family, percent, text))
        shares: dict[Mode, float] = {}
        for part in text.split(","):
            found = re.fullmatch(r"\s*(\w+)\s*=\s*([\w.+-]+?)\s*", part)
            if not found:
                raise UserError(f"mix must be {FORMS}, not {text!r}")
            mode, share = Mode.parse(found[1]), _number(found[2])
            if share is None or not 0 <= share <= 1:
                raise UserError(f"mix must have shares from 0 to 1, not {part.strip()}")
            if mode in shares:
                raise UserError(f"mix must name each precision once, not {mode} twice")
            shares[mode] = share
        total = sum(shares.values())
        if abs(total - 1) > 1e-6:
            raise UserError(f"mix must have shares that sum to 1, not to {total:.6g} in {text}")
        return cls(text, {mode: share for mode, share in shares.items() if share})

    @cached_property
    def width(self) -> int:
        """Bits of the widest operand."""
        return max(max(mode.act_bits, mode.weight_bits) for mode in self.shares)


def _family(family: str, percent: str, text: str) -> dict[Mode, float]:
    value = _number(percent.removesuffix("%"))
    if value is None or not 0 <= value <= 100:
        raise UserError(f"mix must have 0 to 100 per cent at full precision, not {text!r}")
    full, *narrow = map(Mode.parse, FAMILIES[family])
    rest = (1 - value / 100) / len(narrow)
    shares = {full: value / 100} | dict.fromkeys(narrow, rest)
    return {mode: share for mode, share in shares.items() if share}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


PUBLISHED_MIXES = tuple(
    Mix.parse(f"{family}:{percent}") for family in FAMILIES for percent in FULL_SHARES
)


def cheapest(records: Sequence[Record], act_bits: int, weight_bits: int) -> Record | None:
    """Return a unit's record of the mode that takes least energy, or time if energy is unknown."""
    by_mode = {Mode.parse(one["mode"]): one for one in records if one["mode"]}
    held = [by_mode[mode] for mode in least_modes(list(by_mode), act_bits, weight_bits)]

    def cost(record: Record) -> tuple[float, float]:
        return energy(record) or 0.0, _time(record, one_clock=False)

    return min(held, key=cost, default=None)


_Shared = Literal[OfUseful, "energy_pj_per_issued_mac", "energy_c0v2_per_issued_mac"]
_SHARED: tuple[_Shared, ...] = get_args(_Shared)
"""Figures of a product, of which a mix has the mean over its products."""

_Cycled = Literal["mode_period_ns", "mode_period_tau"]
_CYCLED: tuple[_Cycled, ...] = get_args(_Cycled)
"""Figures of a cycle, of which it has the mean over its cycles."""

_Split = Literal["energy_parts", "energy_parts_c0v2"]
_SPLIT: tuple[_Split, ...] = get_args(_Split)
"""What splits an energy; each mode has the same parts, or none."""


def blend(parts: Sequence[tuple[float, Record]], name: str) -> TimedRecord:
    """Return the record of a unit that runs shares of its products in several modes.

    Its periods are means over the cycles, so that period / macs_per_cycle is the time per MAC.
    """
    first = parts[0][1]
    rate = 1 / sum(share / record["operations_per_cycle"] for share, record in parts)
    density = first["gops_per_s_per_mm2"]
    if first["area_um2"] is not None:
        density = rate / period(first) / (first["area_um2"] * 1e-6)
    whole = first | {
        "mode": name,
        "point": name,
        "operations_per_cycle": rate,
        "macs_per_cycle": rate,
        "cycles_per_result": None,
        "gops_per_s_per_mm2": density,
        "gmacs_per_s_per_mm2": density,
        "energy_places": {},
        "energy_places_c0v2": {},
        "spread": _blended_spread(parts),
    }
    for cycled in _CYCLED:
        cycles = [(s / r["operations_per_cycle"], r[cycled]) for s, r in parts]
        mean = _weighted(cycles)
        whole[cycled] = None if mean is None else rate * mean
    for shared in _SHARED:
        whole[shared] = _weighted([(share, record[shared]) for share, record in parts])
    for split in _SPLIT:
        whole[split] = {
            part: sum(share * record[split][part] for share, record in parts)
            for part in (first[split] if energy(whole) is not None else ())
        }
    return with_times(whole)


def _blended_spread(parts: Sequence[tuple[float, Record]]) -> dict[str, list[float]]:
    """Return the spread of a netlist with that of its energy in several modes together.

    The netlist of the least energy in one mode is taken for that of the least in all.
    """
    first = parts[0][1]["spread"]
    spread = {name: ends for name, ends in first.items() if name != "energy"}
    if all("energy" in record["spread"] for _, record in parts):
        spread["energy"] = [
            sum(share * record["spread"]["energy"][end] for share, record in parts)
            for end in range(2)
        ]
    return spread


def _weighted(values: Sequence[tuple[float, float | None]]) -> float | None:
    """Return the weighted sum of values, or None if one is not known."""
    known = [weight * value for weight, value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def with_times(record: Record) -> TimedRecord:
    """Return a record with its times per MAC, at the clock of each mode and at one clock."""
    own, one = _time(record, one_clock=False), _time(record, one_clock=True)
    physical = record["period_ns"] is not None
    return {
        **record,
        "ns_per_mac": own if physical else None,
        "ns_per_mac_one_clock": one if physical else None,
        "tau_per_mac": None if physical else own,
        "tau_per_mac_one_clock": None if physical else one,
    }


def _time(record: Record, one_clock: bool) -> float:
    """Return the time per MAC; within a unit there is but one clock."""
    own = None if one_clock else mode_period(record)
    return (period(record) if own is None else own) / record["operations_per_cycle"]


def mixed(records: Sequence[Record], mix: Mix) -> MixRecord | None:
    """Return the record of a mix on one netlist, of which ``records`` are all modes.

    None if no mode holds one of its precisions.
    """
    runs = {mode: cheapest(records, mode.act_bits, mode.weight_bits) for mode in mix.shares}
    parts = [(mix.shares[mode], record) for mode, record in runs.items() if record is not None]
    if len(parts) < len(runs):
        return None
    return {
        **blend(parts, mix.name),
        "mix": {str(mode): share for mode, share in mix.shares.items()},
        "runs_in": {str(mode): str(record["mode"]) for mode, record in runs.items() if record},
    }


def mix_records(
    records: Sequence[Record], mixes: Sequence[Mix], boundary: str | None = None
) -> list[MixRecord]:
    """Return a record for each mix and unit that holds it: its netlist of least area x period.

    Parameters
    ----------
    boundary:
        Where the units are cut; None is where most netlists have energies. Records of others are
        left out.
    """
    if not records:
        return []
    boundary = boundary or leading(records)
    cut = [one for one in records if one["boundary"] == boundary and one["mode"] is not None]
    known = [record for record in cut if energy(record) is not None]
    units: dict[tuple[str, str], list[Record]] = {}
    for record in smallest_product(known or cut):
        units.setdefault(unit_of(record), []).append(record)
    found = [mixed(modes, mix) for mix in mixes for modes in units.values()]
    return [record for record in found if record is not None]


def check_holds(units: Mapping[str, MacSpec], what: str, act_bits: int, weight_bits: int) -> None:
    """Refuse operands that no mode of a unit holds; ``what`` has them, and begins the sentence.

    Raises
    ------
    UserError
        If there is such a unit; the sentence names widths that every style can have.
    """
    for unit, spec in units.items():
        if not least_modes(spec.modes, act_bits, weight_bits):
            wide = -(-max(act_bits, weight_bits) // 4) * 4
            raise UserError(
                f"{what} must fit a mode of {unit}, which has {', '.join(map(str, spec.modes))}, "
                f"not take {act_bits}x{weight_bits} bits; act_width={wide} and "
                f"weight_width={wide} with default modes would do"
            )


def fitting(settings: Sequence[str], width: int) -> list[str]:
    """Return settings with operands of 8 or 16 bits, which hold ``width``, unless they are set."""
    named = {setting.partition("=")[0].strip() for setting in settings}
    if named & {"act_width", "weight_width", "modes"} or width <= 8:
        return list(settings)
    return [*settings, "act_width=16", "weight_width=16"]
