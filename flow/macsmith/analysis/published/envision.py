"""What was published of DVAFS on silicon and in a multiplier study, beside our modelled records.

B. Moons, R. Uytterhoeven, W. Dehaene and M. Verhelst: DVAFS, DATE 2017, and Envision, ISSCC 2017.
The study is of one 16-bit Booth-Wallace multiplier in 40 nm LP, the chip a 16 x 16 array in 28 nm
FDSOI. Ours is a MAC: a multiplier with its product register and accumulator.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from macsmith.records.record import ScaledRecord

SOURCE = "Moons, Uytterhoeven, Dehaene and Verhelst, DATE 2017 and ISSCC 2017"
PLAIN, SUBWORD = "data-gated", "subword-sa"
FULL, QUARTER = "16x16", "4x4"

_PLAIN_PJ, _SUBWORD_PJ = 2.16, 2.63
_DAS_ACTIVITY, _DVAFS_ACTIVITY, _LANES = 12.5, 3.2, 4
_NOMINAL_V, _DVAS_V, _DVAFS_V = 1.1, 0.9, 0.75
"""The nominal supply of 40 nm LP is ours to add; the rest is as published."""

_DAS_PJ = _PLAIN_PJ / _DAS_ACTIVITY
_DVAFS_PJ = _SUBWORD_PJ / _DVAFS_ACTIVITY / _LANES * (_DVAFS_V / _NOMINAL_V) ** 2
_STUDY, _CHIP = "multiplier study, 40 nm LP", "chip, 28 nm FDSOI"


@dataclass(frozen=True)
class Comparison:
    """A published figure beside ours.

    ``ours`` is of the whole core, ``logic`` of its parts logic and glitches alone, which is as near
    to a multiplier without registers and clock as the parts come; None where it makes no sense.
    """

    quantity: str
    where: str
    published: str
    ours: float
    logic: float | None
    unit: str


def compared(rows: Sequence[ScaledRecord]) -> list[Comparison]:
    """Return the comparison if the published widths are among modelled records, else nothing."""
    at = {(row["unit"], row["mode"], row["method"]): row for row in rows}
    needed = [
        (unit, mode, method)
        for unit in (PLAIN, SUBWORD)
        for mode in (FULL, QUARTER)
        for method in ("DAS", "DVAS", "DVAFS")
    ]
    if any(key not in at for key in needed):
        return []
    plain, plain_4 = at[PLAIN, FULL, "DAS"], at[PLAIN, QUARTER, "DAS"]
    subword, subword_4 = at[SUBWORD, FULL, "DAS"], at[SUBWORD, QUARTER, "DAS"]
    dvas, dvafs = at[PLAIN, QUARTER, "DVAS"], at[SUBWORD, QUARTER, "DVAFS"]

    def ratio(
        quantity: str, published: str, over: ScaledRecord, under: ScaledRecord, where: str = _STUDY
    ) -> Comparison:
        whole = over["energy_pj_per_operation"] / under["energy_pj_per_operation"]
        return Comparison(quantity, where, published, whole, _logic(over) / _logic(under), "x")

    def activity(
        quantity: str, published: float, over: ScaledRecord, under: ScaledRecord
    ) -> Comparison:
        cycles = over["operations_per_cycle"] / under["operations_per_cycle"]
        whole, logic = (cycles * of(over) / of(under) for of in (_switching, _logic))
        return Comparison(quantity, _STUDY, f"{published:g}", whole, logic, "x")

    return [
        ratio(
            "energy per product at 16 bits, subword over plain",
            f"{_SUBWORD_PJ / _PLAIN_PJ:.2f}", subword, plain,
        ),
        activity(
            "activity of a cycle at 16 bits over 4 bits, plain (DAS, DVAS)",
            _DAS_ACTIVITY, plain, plain_4,
        ),
        activity(
            "activity of a cycle at 16 bits over 4 bits, subword (DVAFS)",
            _DVAFS_ACTIVITY, subword, subword_4,
        ),
        Comparison(
            "clock at 4 bits over 16 bits, DVAFS", _STUDY, f"{1 / _LANES:g}",
            dvafs["clock_mhz"] / subword["clock_mhz"], None, "x",
        ),
        Comparison(
            "supply at 4 bits over nominal, DVAS", _STUDY, f"{_DVAS_V / _NOMINAL_V:.2f}",
            dvas["voltage_v"] / plain["voltage_v"], None, "x",
        ),
        Comparison(
            "supply at 4 bits over nominal, DVAFS", _STUDY, f"{_DVAFS_V / _NOMINAL_V:.2f}",
            dvafs["voltage_v"] / subword["voltage_v"], None, "x",
        ),
        Comparison(
            "energy per product saved at 4 bits by DVAFS, of subword at 16 bits", _STUDY, "> 95",
            100 - 100 * dvafs["energy_pj_per_operation"] / subword["energy_pj_per_operation"],
            100 - 100 * _logic(dvafs) / _logic(subword), "%",
        ),
        ratio(
            "gain of DVAFS (subword) over DAS (plain) at 4 bits",
            f"{_DAS_PJ / _DVAFS_PJ:.1f}", plain_4, dvafs,
        ),
        ratio(
            "gain of DVAFS (subword) over DVAS (plain) at 4 bits",
            f"{_DAS_PJ * (_DVAS_V / _NOMINAL_V) ** 2 / _DVAFS_PJ:.1f}", dvas, dvafs,
        ),
        ratio(
            "the same gain over DAS, with memories and control", "6.9", plain_4, dvafs, where=_CHIP
        ),
        ratio(
            "the same gain over DVAS, with memories and control", "4.1", dvas, dvafs, where=_CHIP
        ),
    ]  # fmt: skip


def _switching(row: ScaledRecord) -> float:
    return float(row["energy_pj_per_operation"] - row["energy_parts"]["leakage"])


def _logic(row: ScaledRecord) -> float:
    return float(row["energy_parts"]["logic"] + row["energy_parts"]["glitches"])


def idle_share(rows: Sequence[ScaledRecord]) -> float | None:
    """Return what share of the plain core's energy at 4 bits is clock and registers."""
    for row in rows:
        if (row["unit"], row["mode"], row["method"]) == (PLAIN, QUARTER, "DAS"):
            parts = row["energy_parts"]
            return float((parts["clock"] + parts["registers"]) / row["energy_pj_per_operation"])
    return None
