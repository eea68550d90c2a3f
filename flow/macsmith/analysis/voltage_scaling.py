"""Voltage and frequency scaled with precision: DAS, DVAS and DVAFS, modelled from records.

A unit runs at full precision with period T0 and the nominal supply V0. In a mode of less precision

    DAS     dynamic accuracy scaling: period T0, supply V0; fewer nets toggle
    DVAS    and voltage: period T0; the mode's paths are shorter, so V falls until they fill T0
    DVAFS   and frequency: N products in the time of one, so period N T0 at the same throughput

Energies of the mode, measured at V0 by parts, become

    switching   E (V / V0)^2            all parts but leakage; glitches stay what they are
    leakage     E (V / V0) (T / T0)     a constant current, over the time it flows
    fixed       E                       parts outside the scaled supply

with V the lowest supply at which the mode's slowest path still meets T (`AlphaPower.lowest`).
B. Moons and M. Verhelst, DVAS, ISLPED 2015; B. Moons, R. Uytterhoeven, W. Dehaene and M. Verhelst,
DVAFS, DATE 2017.
"""

from collections.abc import Collection, Sequence
from itertools import groupby

from macsmith.analysis.alpha_power import AlphaPower
from macsmith.analysis.published.verdicts import REFERENCE
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.records.record import Record, ScaledRecord
from macsmith.records.selection import smallest_product, unit_of

METHODS = ("DAS", "DVAS", "DVAFS")
FIXABLE = ("clock", "registers", "logic", "inputs")
"""Parts that a user may put outside the scaled supply."""

WRAPPER, OTHERS = "wrapper", "others"
"""Parts that are always outside of it: of the unit round its core, and what the user adds."""

_LEAKAGE = "leakage"


def scaled(
    records: Sequence[Record], model: AlphaPower, fixed: Collection[str] = ()
) -> list[ScaledRecord]:
    """Return a modelled record for each mode and method of every unit that has energies.

    ``energy_relative`` is over ``data-gated`` at full precision and the nominal supply, if it is
    among the records.

    Raises
    ------
    UserError
        If no record of a core has an energy, or ``fixed`` names no part that can be.
    """
    check_fixed(fixed)
    known = [
        record for record in smallest_product([r for r in records if r["energy_parts"]])
        if record["mode_period_ns"] is not None
    ]  # fmt: skip
    if not known:
        raise UserError("voltage scaling needs energies and periods of a core, but there are none")
    outside = {*fixed, WRAPPER, OTHERS}
    made = [
        _operated(record, full, slowest_ns, method, model, outside)
        for _, group in groupby(known, key=unit_of)
        for full, slowest_ns, modes in [_unit(list(group))]
        for record in modes
        for method in METHODS
    ]
    return _relative(made, known)


def check_fixed(fixed: Collection[str]) -> None:
    """Refuse names of parts that cannot be put outside the scaled supply."""
    for name in fixed:
        if name not in FIXABLE:
            raise UserError(f"fixed must be one of {', '.join(FIXABLE)}, not {name!r}")


def with_part(record: Record, name: str, pj_per_mac: float) -> Record:
    """Return a record with one more part of energy."""
    return record | {"energy_parts": {**record["energy_parts"], name: pj_per_mac}}


def _unit(modes: list[Record]) -> tuple[Record, float, list[Record]]:
    """Return the widest mode of a unit, the period at which every mode works, and the modes."""
    return max(modes, key=_width), max(map(_own_period_ns, modes)), modes


def _width(record: Record) -> int:
    mode = Mode.parse(str(record["mode"]))
    return mode.act_bits * mode.weight_bits


def _own_period_ns(record: Record) -> float:
    """Return the period of a mode, which every record of a core with energies has."""
    found = record["mode_period_ns"]
    assert found is not None  # see `scaled`
    return found


def _operated(
    record: Record, full: Record, slowest_ns: float, method: str, model: AlphaPower,
    outside: Collection[str],
) -> ScaledRecord:  # fmt: skip
    """Return a mode at the supply and the clock that a method gives it."""
    rate, own_ns = record["operations_per_cycle"], _own_period_ns(record)
    products = rate / full["operations_per_cycle"]
    longer = products if method == "DVAFS" else 1.0
    period = longer * slowest_ns
    growth = period / own_ns
    volts = model.nominal_v if method == "DAS" else model.lowest(growth)
    share = volts / model.nominal_v
    factors = {part: share**2 for part in record["energy_parts"]}
    factors |= {_LEAKAGE: share * longer} | dict.fromkeys(outside, 1.0)
    parts = {part: pj * factors[part] for part, pj in record["energy_parts"].items()}
    total = sum(parts.values())
    return {
        "unit": record["unit"],
        "parameters": record["parameters"],
        "boundary": record["boundary"],
        "tech": record["tech"],
        "recipe": record["recipe"],
        "adders": record["adders"],
        "mode": str(record["mode"]),
        "point": record["point"],
        "operation": record["operation"],
        "method": method,
        "voltage_v": volts,
        "limit": _limit(method, volts, model),
        "clock_period_ns": period,
        "clock_mhz": 1e3 / period,
        "mode_period_ns": own_ns,
        "delay_growth": model.growth(volts),
        "operations_per_cycle": rate,
        "macs_per_cycle": rate,
        "products": products,
        "gmacs_per_s": rate / period,
        "energy_pj_per_operation": total,
        "energy_pj_per_mac": total,
        "energy_relative": None,
        "energy_parts": parts,
        "energy_fixed": [part for part in parts if part in outside],
        "stimulus": record["stimulus"],
        "model": model.to_json(),
        "versions": record["versions"],
        "measured": False,
    }


def _limit(method: str, volts: float, model: AlphaPower) -> str:
    """Say what kept the supply from falling further."""
    if method == "DAS":
        return "nominal"
    return "vmin" if volts < model.vmin_v + max(model.step_v, 1e-6) else "delay"


def _relative(made: list[ScaledRecord], known: Sequence[Record]) -> list[ScaledRecord]:
    """Return records with their energy over that of the reference at full precision."""
    references = [record for record in known if record["unit"] == REFERENCE]
    if not references:
        return made
    base = sum(max(references, key=_width)["energy_parts"].values())
    return [
        record | {"energy_relative": record["energy_pj_per_operation"] / base} for record in made
    ]  # fmt: skip
