"""What compensation of errors costs and gives, beside plain fixed point."""

from collections.abc import Sequence

from macsmith.figures.compact_formats.least_netlists import Design, measured
from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Shown
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.library.technology import Technology
from macsmith.operands.compact.quantised_packets import DISTRIBUTIONS, QuantisedPackets

FRACTION = 4
"""Fraction bits of compensated numbers."""

PACKETS = 4000
"""Packets of which errors are the means."""


def _of(fraction: int, **more: object) -> dict[str, object]:
    return {"act_integer_bits": 0, "act_fraction_bits": fraction, "weight_integer_bits": 0,
            "weight_fraction_bits": fraction, "block": 8, **more}  # fmt: skip


PLAIN = [
    Design(f"plain, {bits} fraction bits", "fpec", _of(bits, compensation="none"))
    for bits in range(FRACTION, FRACTION + 4)
]

COMPENSATED = [
    Design(
        f"{FRACTION} bits, {em} of magnitude, `{kind}`{', `error_product`' * exact}",
        "fpec",
        _of(FRACTION, magnitude_bits=em, compensation=kind, error_product=exact),
    )
    for em in range(3)
    for kind, exact in (("cycle", False), ("end", False), ("selective", False), ("cycle", True))
]


def measure_compensation(tech: Technology) -> Records:
    """Measure area, energy and error of plain and of compensated fixed point."""
    designs = [*PLAIN, *COMPENSATED]
    rows = measured(designs, tech, {kind: QuantisedPackets(kind) for kind in DISTRIBUTIONS})
    for one, row in zip(designs, rows, strict=True):
        row["rms"] = {
            kind: QuantisedPackets(kind, packets=PACKETS).error(one.name, one.spec)
            for kind in DISTRIBUTIONS
        }
        terms = {
            kind: QuantisedPackets(kind).parts(one.name, one.spec, 0) for kind in DISTRIBUTIONS
        }
        row["useful"] = {kind: parts[0][1].useful for kind, parts in terms.items()}
    return rows


def compensation(runs: Sequence[LibraryRun]) -> Shown:
    """Return all designs beside plain fixed point of the same fraction bits, and a verdict."""
    records = runs[0].records
    base = records[0]
    rows = [
        [one["label"], f"{one['area_um2']:.0f}", f"{one['area_um2'] / base['area_um2']:.2f}",
         f"{one['period_ns']:.2f}",
         *(cell for kind in DISTRIBUTIONS for cell in (
             f"{one['pj'][kind]:.2f}", f"{one['pj'][kind] / base['pj'][kind]:.2f}",
             f"{1 / one['useful'][kind]:.2f}", f"{one['rms'][kind] / base['rms'][kind]:.3f}"))]
        for one in records
    ]  # fmt: skip
    head = ["", "um2", "ratio", "ns"]
    for kind in DISTRIBUTIONS:
        head += [f"pJ, {kind}", "ratio", "beats a product", "RMS error, ratio"]
    parts = [table(head, rows), *_verdict(records), made(runs, "Units of one product")]
    return Shown("\n\n".join(parts))


def _verdict(records: Records) -> list[str]:
    """Return for each size of magnitudes what plain fixed point of the same information costs."""
    said = []
    by_label = {one["label"]: one for one in records}
    plain = [by_label[one.label] for one in PLAIN]
    for em in range(3):
        mine = [by_label[one.label] for one in COMPENSATED[4 * em : 4 * em + 3]]
        other = plain[1 + em]
        cheapest = min(mine, key=lambda one: one["pj"]["laplace"])
        kind = cheapest["parameters"]["compensation"]
        area = cheapest["area_um2"] / other["area_um2"]
        energies = {k: cheapest["pj"][k] / other["pj"][k] for k in DISTRIBUTIONS}
        errors = {k: cheapest["rms"][k] / other["rms"][k] for k in DISTRIBUTIONS}
        pays = all(one < 1 for one in (area, energies["laplace"])) and errors["laplace"] <= 1.05
        said.append(
            f"- {em} bit{'s' * (em != 1)} of magnitude: the form of least energy (`{kind}`) "
            f"beside plain fixed point of {FRACTION + 1 + em} fraction bits takes {area:.2f} "
            f"times the area, "
            f"{energies['uniform']:.2f} (uniform) and {energies['laplace']:.2f} (Laplace) times "
            f"the energy, for {errors['uniform']:.2f} and {errors['laplace']:.2f} times the "
            f"error: {'it pays' if pays else 'it does not pay'}."
        )
    least, eight = by_label[COMPENSATED[0].label], plain[-1]
    gains = [f"{eight['pj'][kind] / least['pj'][kind]:.2f}" for kind in DISTRIBUTIONS]
    said.append(
        f"- Plain fixed point of eight bits ({FRACTION + 3} of fraction and a sign) takes "
        f"{gains[0]} (uniform) and {gains[1]} (Laplace) times the energy of compensation without "
        f"magnitude. The paper has 1.13 to 1.7 times. So the gain is there, but plain fixed point "
        f"of {FRACTION + 1} fraction bits has it too, with the same error: it is that of fewer "
        f"bits, not of compensation."
    )
    return ["\n".join(said)]


REGIONS = (
    MeasuredRegion("compensation", Measured("compensation", measure_compensation), compensation),
)
