"""What was published of tensor PEs, and what records of ours say beside it.

The source compares arrays of INT8 MACs at equal throughput in a closed 16 nm library; its abstract
gives the best factors, and does not say of which sizes. No netlist is public. Whether sum registers
and what drives the clock count there is not stated.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from macsmith.analysis.metrics import merit
from macsmith.records.energies import energy_parts
from macsmith.records.in_units import is_physical
from macsmith.records.record import PeRecord
from macsmith.records.selection import of_first_stimulus

SOURCE = (
    "Liu, Whatmough and Mattina, Systolic Tensor Array, IEEE CAL 19(1), 2020, arXiv 2005.08098, "
    "abstract"
)

CLASSIC_PE = "1x1x1"
"""Size of the classic PE."""

GAINS = {
    "area_gain": "area",
    "area_gain_without_drain": "area without sum registers",
    "energy_gain": "energy",
}
"""What of a record is compared, and its name."""


@dataclass(frozen=True)
class Claim:
    """A published factor over the classic array, and the density that ours has beside it."""

    what: str
    density: str
    gain: str
    factor: float

    @property
    def ours(self) -> tuple[str, ...]:
        """The gains of ours that stand beside it."""
        return ("area_gain", "area_gain_without_drain") if self.gain == "area" else ("energy_gain",)


CLAIMS = (
    Claim("tensor PE", "dense", "area", 2.08),
    Claim("tensor PE", "dense", "power", 1.36),
    Claim("with density-bound blocks", "4/8", "area", 3.14),
    Claim("with density-bound blocks", "4/8", "power", 1.97),
)


@dataclass(frozen=True)
class Beside:
    """The best of ours beside a published factor.

    Members
    -------
    gain
        Key of ours.
    record
        The record that has most of it.
    """

    claim: Claim
    gain: str
    record: PeRecord

    @property
    def ours(self) -> float:
        """Our factor."""
        return gain_of(self.record, self.gain) or 0.0

    @property
    def short(self) -> bool:
        """Whether ours is less than the published one."""
        return self.ours < self.claim.factor


def gain_of(record: PeRecord, gain: str) -> float | None:
    """Return a gain of a record by its key; None where it was not measured."""
    return {
        "area_gain": record["area_gain"],
        "area_gain_without_drain": record["area_gain_without_drain"],
        "energy_gain": record["energy_gain"],
    }[gain]


def beside(records: Sequence[PeRecord]) -> list[Beside]:
    """Return the best of ours beside each published factor, of the first mode and stimulus.

    The classic PE, which all are set against, is none of ours.
    """
    mine = [
        r
        for r in of_first_stimulus(records)
        if r["point"] == records[0]["point"] and r["pe"] != CLASSIC_PE
    ]
    found = []
    for claim in CLAIMS:
        for gain in claim.ours:
            known = [
                r for r in mine if r["density"] == claim.density and gain_of(r, gain) is not None
            ]
            if known:
                found.append(Beside(claim, gain, max(known, key=lambda r: gain_of(r, gain) or 0.0)))
    return found


def statements(records: Sequence[PeRecord]) -> Iterator[str]:
    """Yield a sentence for each published factor, and why ours is no larger."""
    for one in beside(records):
        claim, record = one.claim, one.record
        verdict = "falls short of" if one.short else "reaches"
        yield (
            f"{GAINS[one.gain].capitalize()}, {claim.what}: {one.ours:.2f}x ({record['pe']}, "
            f"{record['density']}) {verdict} the published {claim.factor:.2f}x in {claim.gain}."
        )
    yield from reasons(records)


def reasons(records: Sequence[PeRecord]) -> Iterator[str]:
    """Yield what bounds the factors: gates that products do not share, and what sparsity adds."""
    mine = [r for r in of_first_stimulus(records) if r["point"] == records[0]["point"]]
    dense = [r for r in mine if r["density"] == "dense"]
    classic, best = dense[0], max(dense, key=lambda r: r["area_gain"])
    if best is classic:
        return
    flip_flops = [_flip_flops(record) / record["area_ge"] for record in (classic, best)]
    bare = classic["area_ge"] / classic["operations_per_cycle"] / _gates(best)
    yield (
        f"Flip-flops are {flip_flops[0]:.0%} of the classic PE's area and {flip_flops[1]:.0%} of "
        f"that of {best['pe']}. Gates, multipliers and adders, take {_gates(classic):.0f} and "
        f"{_gates(best):.0f} GE a product: without any flip-flop {best['pe']} would gain "
        f"{bare:.2f}x."
    )
    bound = [r for r in mine if r["pe"] == best["pe"] and r["parameters"]["sparsity"] == "dbb"]
    if bound:
        each = ", ".join(f"{_gates(r) / _kept(r):.0f} at {r['density']}" for r in bound)
        yield (
            f"A multiplication takes {_gates(best):.0f} GE of gates in a dense {best['pe']}, "
            f"{each}: a multiplexer for its activation, and fewer share the accumulators."
        )
    if energy_parts(classic) and energy_parts(best):
        (kept, gates), (shared, left) = (_switched(record) for record in (classic, best))
        unit = merit("energy", is_physical(classic)).unit
        yield (
            f"Clock, flip-flops and what they drive take {kept} {unit} of a product in the "
            f"classic PE and {shared} in {best['pe']}; gates and glitches take {gates} and "
            f"{left}."
        )


def _flip_flops(record: PeRecord) -> float:
    """Return the area of a PE's flip-flops in GE, all like those of the sum registers."""
    parameters = record["parameters"]
    bits = parameters["a"] * parameters["c"] * parameters["acc_width"]
    return float(record["drain_ge"] / bits * record["flip_flops"])


def _gates(record: PeRecord) -> float:
    """Return the area of all else, in GE a product."""
    return float((record["area_ge"] - _flip_flops(record)) / record["operations_per_cycle"])


def _kept(record: PeRecord) -> float:
    """Return the share of weights that a density bound keeps."""
    return float(record["parameters"]["nonzeros"] / record["parameters"]["block"])


def _switched(record: PeRecord) -> tuple[str, str]:
    parts, form = energy_parts(record), ".2f" if is_physical(record) else ".0f"
    kept = parts["clock"] + parts["registers"], parts["logic"] + parts["glitches"]
    return format(kept[0], form), format(kept[1], form)
