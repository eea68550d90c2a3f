"""Pictures of which partial products and register bits of a MAC are alive, as SVG.

Everything comes from the specification (`MacSpec.bit_matrix`, `product_slots`, `acc_source` and
the enable groups), so a picture cannot say something else than the hardware, and a new style has
one without a line here.
"""

from collections.abc import Iterable, Sequence

from macsmith.contract.modes import Mode
from macsmith.mac.bit_matrix import BitMatrix
from macsmith.mac.register_groups import clocked
from macsmith.mac.spec import MacSpec

CELL = 18
GAP, MARGIN, TOP = 22, 14, 34
STRIP, SPACE = 12, 30
COLOURS = (
    "#4477aa", "#ee8866", "#44aa88", "#aa4499", "#ccaa22", "#66aadd", "#aa5533", "#778833",
    "#9977cc", "#dd6688", "#338877", "#bb8855", "#5566bb", "#88aa44", "#bb5588", "#447788",
)  # fmt: skip
"""One colour a lane or slot, apart for the colour-blind as far as sixteen can be."""
IDLE = "#e4e4e4"
GUARD = "#ffffff"


def draw(name: str, spec: MacSpec) -> str:
    """Return the picture of a MAC: a panel for each mode."""
    matrices = [spec.bit_matrix(mode) for mode in spec.modes]
    width = CELL * max(len(matrix[0]) for matrix in matrices)
    height = CELL * max(map(len, matrices))
    total = 2 * MARGIN + len(matrices) * (width + GAP) - GAP
    bottom = TOP + height + 2 * (SPACE + STRIP) + MARGIN - 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {bottom}" '
        f'width="{total}" height="{bottom}" role="img" font-family="sans-serif" '
        f'font-size="11">',
        f"<title>{name}: alive partial products and register bits in each mode</title>",
        f'<rect width="{total}" height="{bottom}" fill="#fff"/>',
    ]
    for index, (mode, matrix) in enumerate(zip(spec.modes, matrices, strict=True)):
        left = MARGIN + index * (width + GAP)
        parts += _panel(spec, mode, matrix, left, width, height)
    return "\n".join([*parts, "</svg>\n"])


def product_strip(spec: MacSpec, mode: Mode) -> list[str]:
    """Return the colour of each product register bit: its slot's where it is clocked."""
    slots = spec.product_slots(mode)
    return [_colour(slots.get(bit)) for bit in range(spec.product_width)]


def acc_strip(spec: MacSpec, mode: Mode) -> list[str]:
    """Return the colour of each accumulator bit: its slot's, white if clocked but no result."""
    alive, bits = clocked(spec.acc_groups, mode), spec.acc_bits(mode)
    slot = {bit: place // bits for place, bit in enumerate(spec.acc_source(mode))}
    return [
        _colour(slot.get(bit)) if bit in slot or bit not in alive else GUARD
        for bit in range(spec.acc_width)
    ]


def _colour(lane: int | None) -> str:
    return IDLE if lane is None else COLOURS[lane % len(COLOURS)]


def _panel(
    spec: MacSpec, mode: Mode, matrix: BitMatrix, left: int, width: int, height: int
) -> Iterable[str]:
    products, cycles = spec.products(mode), spec.cycles(mode)
    rate = f"{products} a cycle" if cycles == 1 else f"{products} in {cycles} cycles"
    yield f'<text x="{left}" y="20"><tspan font-weight="bold">{mode}</tspan>  {rate}</text>'
    boxes: dict[str, list[str]] = {}
    texts = []
    for y, row in enumerate(matrix):
        for x, product in enumerate(row):
            at = left + width - (x + 1) * CELL, TOP + y * CELL
            boxes.setdefault(_colour(product.lane), []).append(
                f"M{at[0]} {at[1]}h{CELL - 1}v{CELL - 1}h-{CELL - 1}z"
            )
            if product.mark is not None:
                ink = "#666" if product.lane is None else "#fff"
                texts.append(
                    f'<text x="{at[0] + 3}" y="{at[1] + 13}" fill="{ink}" font-size="10">'
                    f"{product.mark}</text>"
                )
    yield from (f'<path fill="{colour}" d="{"".join(path)}"/>' for colour, path in boxes.items())
    yield from texts
    top = TOP + height + SPACE - 8
    for label, colours in (
        ("product register", product_strip(spec, mode)),
        ("accumulator", acc_strip(spec, mode)),
    ):
        yield f'<text x="{left}" y="{top - 5}" fill="#444">{label}, {len(colours)} bits</text>'
        yield from _strip(colours, left, top, width)
        top += SPACE + STRIP


def _strip(colours: Sequence[str], left: int, top: int, width: int) -> Iterable[str]:
    """Yield a register, highest bit on the left; equal colours are one path."""
    step = width / len(colours)
    paths: dict[str, list[str]] = {}
    for bit, colour in enumerate(colours):
        x = left + width - (bit + 1) * step
        paths.setdefault(colour, []).append(
            f"M{x:.4g} {top}h{step - step / 9:.4g}v{STRIP}h-{step - step / 9:.4g}z"
        )
    for colour, path in paths.items():
        edge = ' stroke="#999" stroke-width=".5"' if colour == GUARD else ""
        yield f'<path fill="{colour}"{edge} d="{"".join(path)}"/>'
