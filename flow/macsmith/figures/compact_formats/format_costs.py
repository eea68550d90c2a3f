"""What units of compact formats cost, beside whole numbers, and codebooks before or after sums."""

from collections.abc import Mapping, Sequence

from macsmith.contract.modes import Mode
from macsmith.figures.compact_formats.least_netlists import Design, measured
from macsmith.figures.docs_page import (
    GatheredRegion,
    LibraryRun,
    Measured,
    MeasuredRegion,
    Records,
    Row,
    Shown,
)
from macsmith.figures.macs.mac_records import COMPARISON, UNIT, at, by_unit
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform

BEATS, LENGTH = 2_560, 64
"""Beats of random operands, and of a packet."""


def _whole(bits: int, length: int) -> Design:
    settings = {
        "act_width": bits, "weight_width": bits, "length": length, "headroom": 8,
        "modes": (Mode(act_bits=bits, weight_bits=bits),), "clock_gating": "none",
    }  # fmt: skip
    return Design(f"`data-gated` {bits}x{bits}", "data-gated", settings)


FOUR = [
    _whole(8, 4),
    _whole(6, 4),
    Design("`biscaled`, 6 bits, masks", "biscaled", {"products": 4}),
    Design("`biscaled`, 6 bits, lists of 128", "biscaled", {"products": 4, "marks": "list"}),
    Design("`log-shift`, 8-bit activations, 3 bits of exponent", "log-shift", {"products": 4}),
    Design("the same, root of two", "log-shift", {"products": 4, "base": "root-two"}),
    Design("`log-shift`, both logarithms of 3 bits", "log-shift",
           {"products": 4, "logs": "both", "act_exponent_bits": 3}),
    Design("`shared-weight`, 16 entries, look-up", "shared-weight", {"products": 4}),
    Design("`shared-weight`, 16 entries, sums", "shared-weight", {"products": 4, "order": "sums"}),
]  # fmt: skip
"""Four products a beat."""

MANY = [
    _whole(2, 64),
    Design("`xnor`", "xnor", {}),
    Design("`xnor`, 2-bit activations", "xnor", {"acts": "integer", "act_bits": 2}),
    Design("`ternary`", "ternary", {"products": 64}),
    Design("`ternary`, 2-bit activations", "ternary",
           {"products": 64, "acts": "integer", "act_bits": 2}),
    Design("`ternary`, five trits a byte, of 65", "ternary",
           {"products": 65, "packing": "five-trits"}),
]  # fmt: skip
"""64 products a beat."""


def measure_formats(tech: Technology) -> Records:
    """Measure both groups."""
    stimuli = {"random": Uniform(beats=BEATS, length=LENGTH)}
    return [
        row | {"group": group}
        for group, designs in (("four", FOUR), ("many", MANY))
        for row in measured(designs, tech, stimuli)
    ]


def formats(runs: Sequence[LibraryRun]) -> Shown:
    """Return each group beside whole numbers."""
    tables = []
    for group in ("four", "many"):
        records = [one for one in runs[0].records if one["group"] == group]
        base = records[0]
        rows = [_cells(one, base) for one in records]
        head = ["", "um2 a product", "ratio", "FF", "ns", "pJ a product", "ratio"]
        tables.append(table(head, rows))
    return Shown("\n\n".join([*tables, made(runs, "Units")]))


def _cells(one: Row, base: Row) -> list[str]:
    area, other = (row["area_um2"] / row["operations_per_cycle"] for row in (one, base))
    pj = one["pj"]["random"]
    return [
        one["label"], f"{area:.1f}", f"{area / other:.2f}", str(one["flip_flops"]),
        f"{one['period_ns']:.2f}", f"{pj:.3f}", f"{pj / base['pj']['random']:.2f}",
    ]  # fmt: skip


LENGTHS = (64, 128, 256, 512, 1024)
"""Beats of a packet, the entries of its codebook among them."""

ORDERS = [
    Design(f"{entries} entries, `{order}`", "shared-weight",
           {"entries": entries, "order": order, "weight_bits": 16})
    for entries in (16,) for order in ("look-up", "sums")
]  # fmt: skip


def measure_orders(tech: Technology) -> Records:
    """Measure codebooks before and after sums, by the length of packets."""
    stimuli = {str(length): Uniform(beats=4 * length, length=length) for length in LENGTHS}
    return measured(ORDERS, tech, stimuli)


def orders(runs: Sequence[LibraryRun]) -> Shown:
    """Return energies of a product by the length of packets."""
    rows = [
        [one["label"], f"{one['area_um2']:.0f}", f"{one['period_ns']:.2f}",
         *(f"{one['pj'][str(length)]:.2f}" for length in LENGTHS)]
        for one in runs[0].records
    ]  # fmt: skip
    head = ["", "um2", "ns", *(f"pJ, {length} beats" for length in LENGTHS)]
    return Shown(f"{table(head, rows)}\n\n{made(runs, 'Units of one product')}")


FORMATS = Measured("formats", measure_formats)

STYLES = "2x2"
"""The mode of MAC styles that few-valued operands are set beside."""


def beside_styles(runs: Mapping[str, Sequence[LibraryRun]]) -> Shown:
    """Return few-valued units beside that mode of each style, by product."""
    few = runs[FORMATS.name][0]
    styles = next(one for one in runs[COMPARISON.name] if one.library == few.library)
    units = by_unit(at(styles.records, UNIT))
    rows = [
        [
            f"`{name}`", f"{one['macs_per_cycle']:g}",
            f"{one['mode_period_ns'] or one['period_ns']:.2f}",
            f"{one['area_um2'] / one['macs_per_cycle']:.1f}", f"{one['energy_pj_per_mac']:.3f}",
        ]
        for name, modes in units.items() if (one := modes.get(STYLES))
    ]  # fmt: skip
    rows += [
        [
            one["label"], f"{one['operations_per_cycle']:g}", f"{one['period_ns']:.2f}",
            f"{one['area_um2'] / one['operations_per_cycle']:.1f}", f"{one['pj']['random']:.3f}",
        ]
        for one in few.records if one["group"] == "many"
    ]  # fmt: skip
    head = ["", "products a cycle", "ns", "um2 a product", "pJ a product"]
    text = f"{made([styles], 'Styles')} {made([few], 'The others')}"
    return Shown(f"{table(head, rows)}\n\n{text}")


REGIONS = (
    MeasuredRegion("formats", FORMATS, formats),
    GatheredRegion("styles", (FORMATS, COMPARISON), beside_styles),
    MeasuredRegion("orders", Measured("orders", measure_orders), orders),
)
