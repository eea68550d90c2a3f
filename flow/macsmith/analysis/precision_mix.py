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

from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.jobs.energy_unit import ENERGY_UNITS, energy_of
from macsmith.jobs.measure import Record, smallest_product
from macsmith.mac.spec import MacSpec
from macsmith.networks.layer_tables.layers import least_modes

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
    by_mode = {Mode.parse(record["mode"]): record for record in records}
    held = [by_mode[mode] for mode in least_modes(list(by_mode), act_bits, weight_bits)]

    def cost(record: Record) -> tuple[float, float]:
        energy = energy_of(record)
        return (0.0 if energy is None else energy), _time(record, one_clock=False)

    return min(held, key=cost, default=None)


def blend(parts: Sequence[tuple[float, Record]], name: str) -> Record:
    """Return the record of a unit that runs shares of its products in several modes.

    Its periods are means over the cycles, so that period / macs_per_cycle is the time per MAC.
    """
    whole = dict(parts[0][1])
    macs = 1 / sum(share / record["macs_per_cycle"] for share, record in parts)
    whole |= {"mode": name, "macs_per_cycle": macs, "cycles_per_result": None}
    if whole["area_um2"] is not None:
        whole["gmacs_per_s_per_mm2"] = macs / whole["period_ns"] / (whole["area_um2"] * 1e-6)
    for key in ("mode_period_ns", "mode_period_tau"):
        if whole[key] is not None:
            whole[key] = macs * sum(s * r[key] / r["macs_per_cycle"] for s, r in parts)
    energies = [key for unit in ENERGY_UNITS for key in (unit.per_mac, unit.zero_delay)]
    for key in (*energies, "input_bits_per_mac", "output_bits_per_mac"):
        known = all(record[key] is not None for _, record in parts)
        whole[key] = sum(share * record[key] for share, record in parts) if known else None
    for unit in ENERGY_UNITS:
        whole[unit.parts] = {
            part: sum(share * record[unit.parts][part] for share, record in parts)
            for part in (parts[0][1][unit.parts] if whole[unit.per_mac] is not None else ())
        }
    return with_times(whole)


def with_times(record: Record) -> Record:
    """Return a record with its times per MAC, at the clock of each mode and at one clock."""
    unit = "tau" if record["period_ns"] is None else "ns"
    times: Record = {}
    for other in ("ns", "tau"):
        for key, one_clock in (("per_mac", False), ("per_mac_one_clock", True)):
            times[f"{other}_{key}"] = _time(record, one_clock) if other == unit else None
    return record | times


def _time(record: Record, one_clock: bool) -> float:
    """Return the time per MAC; within a unit there is but one clock."""
    physical = record["period_ns"] is not None
    one, own = ("period_ns", "mode_period_ns") if physical else ("period_tau", "mode_period_tau")
    period = record[one] if one_clock or record[own] is None else record[own]
    return float(period / record["macs_per_cycle"])


def mixed(records: Sequence[Record], mix: Mix) -> Record | None:
    """Return the record of a mix on one netlist, of which ``records`` are all modes.

    None if no mode holds one of its precisions.
    """
    runs = {mode: cheapest(records, mode.act_bits, mode.weight_bits) for mode in mix.shares}
    parts = [(mix.shares[mode], record) for mode, record in runs.items() if record is not None]
    if len(parts) < len(runs):
        return None
    return blend(parts, mix.name) | {
        "mix": {str(mode): share for mode, share in mix.shares.items()},
        "runs_in": {str(mode): record["mode"] for mode, record in runs.items() if record},
    }


def mix_records(records: Sequence[Record], mixes: Sequence[Mix]) -> list[Record]:
    """Return a record for each mix and unit that holds it: its core of least area x period."""
    cores = [record for record in records if record["boundary"] == "core"]
    known = [record for record in cores if energy_of(record) is not None]
    units: dict[tuple[str, str], list[Record]] = {}
    for record in smallest_product(known or cores):
        units.setdefault((record["unit"], str(record["parameters"])), []).append(record)
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
