"""The same design with its cells in another order: what a mapper must not care for, but does.

Mappers are heuristics that take things as they come. Netlists of one design in several orders show
how far figures move without a reason.
"""

import random


def reordered(rtlil_text: str, seed: int) -> str:
    """Return RTLIL in which the cells of each module stand in an order drawn by ``seed``.

    Cells follow everything else of their module, which may refer to wires alone.
    """
    rng = random.Random(seed)
    lines: list[str] = []
    cells: list[list[str]] = []
    block: list[str] | None = None
    for line in rtlil_text.splitlines():
        if block is not None:
            block.append(line)
            if line == "  end":
                cells.append(block)
                block = None
        elif line.startswith("  cell "):
            block = [line]
        else:
            if line == "end":
                rng.shuffle(cells)
                lines += [one for cell in cells for one in cell]
                cells = []
            lines.append(line)
    return "\n".join([*lines, ""])
