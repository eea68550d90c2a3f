"""The tables and pictures of docs/mac-styles.md."""

import re
from functools import partial

from macsmith.catalog.catalog import build, compared, make_spec
from macsmith.figures.docs_page import Page, Region, Shown
from macsmith.figures.macs.alive_bits_picture import draw
from macsmith.figures.macs.mac_records import default_units
from macsmith.figures.macs.readme import rate
from macsmith.figures.markdown import table
from macsmith.mac.register_groups import clocked
from macsmith.rtl.emit import to_rtlil


def style(name: str) -> Shown:
    """Return a style's picture, and what its default specification says of each mode."""
    spec = make_spec(name)
    rows = []
    for mode in spec.modes:
        bits = spec.act_lanes(mode) * mode.act_bits, spec.weight_lanes(mode) * mode.weight_bits
        rows.append(
            [
                mode, spec.products(mode), f"{bits[0]} + {bits[1]}",
                f"{spec.slots(mode)} x {spec.acc_bits(mode)}", spec.cycles(mode),
                str(rate(spec, mode)), spec.latency(mode),
                f"{len(clocked(spec.product_groups, mode))} of {spec.product_width}",
                f"{len(clocked(spec.acc_groups, mode))} of {spec.acc_width}",
            ]
        )  # fmt: skip
    head = [
        "mode", "products a beat", "input bits a + w", "accumulators x bits", "cycles a beat",
        "products a cycle", "latency", "product bits clocked", "accumulator bits clocked",
    ]  # fmt: skip
    picture = f"{name}.svg"
    text = f"![{name}: alive partial products](img/{picture})\n\n{table(head, rows)}"
    return Shown(text, {picture: draw(name, spec)})


def registers() -> Shown:
    """Return the widths of each core's ports, and the flip-flops of its two registers."""
    rows = []
    for name, spec in default_units().items():
        core = build(name, spec, "core")
        ports = f"{len(core.act)} + {len(core.weight)}"
        rtlil = to_rtlil(core, "core")
        held = [flip_flops(rtlil, register) for register in ("product", "accumulator")]
        rows.append([f"`{name}`", ports, spec.product_width, *held])
    head = ["unit", "operand ports of the core", "product columns", "product flip-flops",
            "accumulator flip-flops"]  # fmt: skip
    return Shown(table(head, rows))


def flip_flops(rtlil: str, register: str) -> int:
    """Return the bits of a core's register, all its enable groups together."""
    wires = re.findall(rf"^\s*wire (?:width (\d+) )?\\{register}(?:_\d+)?$", rtlil, re.MULTILINE)
    return sum(int(width or 1) for width in wires)


PAGE = Page(
    "docs/mac-styles.md",
    (
        Region("registers", registers),
        *(Region(f"style {name}", partial(style, name)) for name in compared()),
    ),
)
