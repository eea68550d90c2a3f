"""Draw which partial products and register bits are alive, one SVG for each style.

    python docs/pictures.py             write docs/img/NAME.svg
    python docs/pictures.py --check     end with status 1 if one is missing or out of date

Everything comes from the default specifications of the catalogue, so a picture cannot say
something else than the hardware. The one thing drawn from a rule of its own is the order in
which `serial-2d` visits digit pairs.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from macsmith.catalog.catalog import compared, make_spec
from macsmith.contract.modes import Mode
from macsmith.mac.serial.serial import SerialSpec
from macsmith.mac.spec import clocked

FOLDER = Path(__file__).with_name("img")

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


@dataclass(frozen=True)
class Cell:
    """A partial product: the lane that it works for (None if idle), and what is written on it."""

    lane: int | None
    text: str = ""


Grid = list[list[Cell]]
"""Rows are weight bits, lowest first; columns are activation bits, lowest first."""


def matrix(spec: Any, mode: Mode) -> Grid:
    """Return the grid of a style that has one bit matrix, cut into lanes or not."""
    acts, weights = spec.act_source(mode), spec.weight_source(mode)
    lane = len(acts) >> (spec.level(mode) if hasattr(spec, "level") else 0)
    living = getattr(spec, "same_lane", getattr(spec, "alive", None))

    def cell(i: int, j: int) -> Cell:
        alive = living is None or mode in living(i, j)
        fed = acts[i] is not None and weights[j] is not None
        return Cell(i // lane if alive and fed else None)

    return [[cell(i, j) for i in range(len(acts))] for j in range(len(weights))]


def apart(spec: Any, mode: Mode) -> Grid:
    """Return the grid of bricks with sums apart, coloured by slot."""
    acts, weights = spec.act_source(mode), spec.weight_source(mode)
    act_lane, weight_lane = spec.lane_widths(mode)

    def cell(i: int, j: int) -> Cell:
        fed = acts[i] is not None and weights[j] is not None
        slot = i // act_lane * spec.weight_lanes(mode) + j // weight_lane
        return Cell(slot if fed else None)

    return [[cell(i, j) for i in range(len(acts))] for j in range(len(weights))]


def together(spec: Any, mode: Mode) -> Grid:
    """Return the grid of bricks with sums together, each with its product bit on its corner."""
    digits = spec.digit_widths
    gated = [
        width - bits
        for width, bits in zip(
            spec.lane_widths(mode), (mode.act_bits, mode.weight_bits), strict=True
        )
    ]

    def cell(x: int, y: int) -> Cell:
        brick = x // digits[0], y // digits[1]
        job = spec.job(brick, mode)
        act, weight = (job.act * digits[0] + x % digits[0], job.weight * digits[1] + y % digits[1])
        fed = act >= gated[0] and weight >= gated[1]
        corner = x % digits[0] == digits[0] - 1 and y % digits[1] == 0
        return Cell(job.lane if fed else None, str(spec.places(brick)[mode]) if corner else "")

    return [[cell(x, y) for x in range(spec.act_width)] for y in range(spec.weight_width)]


def serial(spec: Any, mode: Mode) -> Grid:
    """Return the grid of a serial style, each pair with the cycle in which it is added."""
    acts, weights = spec.act_source(mode), spec.weight_source(mode)
    along = "i" if spec.cycles(mode) != spec.digits(mode.weight_bits) or _two(spec) else ""
    order = _diagonals(spec, mode) if along else {}

    def cell(x: int, y: int) -> Cell:
        if acts[x] is None or weights[y] is None:
            return Cell(None)
        i, j = x // spec.digit, y // spec.digit
        if order:
            return Cell(i + j, str(order[i, j]) if x % spec.digit == y % spec.digit == 0 else "")
        lowest = all(source is None for source in acts[:x])
        return Cell(j, str(j) if lowest and y % spec.digit == 0 else "")

    return [[cell(x, y) for x in range(spec.act_width)] for y in range(spec.weight_width)]


def _two(spec: Any) -> bool:
    """Return whether a serial style takes the activation in digits too."""
    full = spec.modes[0]
    return bool(spec.cycles(full) != spec.digits(full.weight_bits))


def _diagonals(spec: Any, mode: Mode) -> dict[tuple[int, int], int]:
    """Return the cycle of each digit pair: diagonals of i + j in turn, i rising in each."""
    acts, weights = spec.digits(mode.act_bits), spec.digits(mode.weight_bits)
    pairs = [(i, j) for i in range(acts) for j in range(weights)]
    pairs.sort(key=lambda pair: (sum(pair), pair[0]))
    assert len(pairs) == spec.cycles(mode)
    return {pair: cycle for cycle, pair in enumerate(pairs)}


def painter(name: str, spec: Any) -> Callable[[Any, Mode], Grid]:
    """Return the function that draws a style: by what its specification can tell."""
    if isinstance(spec, SerialSpec):
        return serial
    if hasattr(spec, "job"):
        return together
    if hasattr(spec, "brick_counts"):
        return apart
    if name == "data-gated" or hasattr(spec, "same_lane") or hasattr(spec, "alive"):
        return matrix
    sys.exit(f"docs/pictures.py must know how to draw {name}, but has no painter for it")


def product_strip(spec: Any, mode: Mode) -> list[str]:
    """Return the colour of each product register bit: its slot's where it belongs to one."""
    alive = clocked(spec.product_groups, mode)
    cells = spec.product_cells(mode) if hasattr(spec, "product_cells") else {}
    slot = {bit: cells[bit][0] if cells else 0 for bit in alive}
    return [
        COLOURS[slot[bit] % len(COLOURS)] if bit in slot else IDLE
        for bit in range(spec.product_width)
    ]


def acc_strip(spec: Any, mode: Mode) -> list[str]:
    """Return the colour of each accumulator bit: its slot's, white if clocked but no result."""
    alive, bits = clocked(spec.acc_groups, mode), spec.acc_bits(mode)
    slot = {bit: place // bits for place, bit in enumerate(spec.acc_source(mode))}
    return [
        COLOURS[slot[bit] % len(COLOURS)] if bit in slot else GUARD if bit in alive else IDLE
        for bit in range(spec.acc_width)
    ]


def draw(name: str) -> str:
    """Return the picture of a style: a panel for each mode."""
    spec: Any = make_spec(name)
    paint = painter(name, spec)
    width, height = CELL * spec.act_width, CELL * spec.weight_width
    total = 2 * MARGIN + len(spec.modes) * (width + GAP) - GAP
    bottom = TOP + height + 2 * (SPACE + STRIP) + MARGIN - 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {bottom}" '
        f'width="{total}" height="{bottom}" role="img" font-family="sans-serif" '
        f'font-size="11">',
        f"<title>{name}: alive partial products and register bits in each mode</title>",
        f'<rect width="{total}" height="{bottom}" fill="#fff"/>',
    ]
    for index, mode in enumerate(spec.modes):
        left = MARGIN + index * (width + GAP)
        parts += _panel(spec, mode, paint(spec, mode), left, width, height)
    return "\n".join([*parts, "</svg>\n"])


def _panel(spec: Any, mode: Mode, grid: Grid, left: int, width: int, height: int) -> Iterable[str]:
    products, cycles = spec.products(mode), spec.cycles(mode)
    rate = f"{products} a cycle" if cycles == 1 else f"{products} in {cycles} cycles"
    yield f'<text x="{left}" y="20"><tspan font-weight="bold">{mode}</tspan>  {rate}</text>'
    boxes: dict[str, list[str]] = {}
    texts = []
    for y, row in enumerate(grid):
        for x, cell in enumerate(row):
            at = left + width - (x + 1) * CELL, TOP + y * CELL
            colour = IDLE if cell.lane is None else COLOURS[cell.lane % len(COLOURS)]
            boxes.setdefault(colour, []).append(
                f"M{at[0]} {at[1]}h{CELL - 1}v{CELL - 1}h-{CELL - 1}z"
            )
            if cell.text:
                ink = "#666" if cell.lane is None else "#fff"
                texts.append(
                    f'<text x="{at[0] + 3}" y="{at[1] + 13}" fill="{ink}" font-size="10">'
                    f"{cell.text}</text>"
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


def _strip(colours: list[str], left: int, top: int, width: int) -> Iterable[str]:
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


def main() -> None:
    """Write the pictures, or check them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")
    check = parser.parse_args().check
    stale = []
    for name in compared():
        path, text = FOLDER / f"{name}.svg", draw(name)
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path.name)
        if not check:
            path.write_text(text)
    if check and stale:
        sys.exit(f"docs/img is out of date: {', '.join(stale)}; run python docs/pictures.py")


if __name__ == "__main__":
    main()
