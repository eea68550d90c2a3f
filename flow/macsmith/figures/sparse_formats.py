"""The table of docs/sparse-formats.md: sizes of blocks under a density bound."""

from macsmith.figures.docs_page import Page, Region, Shown
from macsmith.figures.markdown import table
from macsmith.formats.dbb_storage import FORMS, block_bits

BOUNDS = ((2, 4), (4, 8), (3, 8), (2, 8), (1, 8), (4, 16))
"""Non-zeros of a block of so many weights."""


def block_sizes() -> Shown:
    """Return the bits of blocks of INT8 weights in both forms."""
    rows = []
    for nonzeros, block in BOUNDS:
        sizes = [block_bits(form, block, nonzeros, 8) for form in FORMS]
        cells = [f"{bits} ({bits / (8 * block):.1%})" for bits in sizes]
        rows.append([f"{nonzeros} of {block}", 8 * block, *cells])
    return Shown(table(["INT8 blocks", "dense bits", *(f"`{form}` bits" for form in FORMS)], rows))


PAGE = Page("docs/sparse-formats.md", (Region("block sizes", block_sizes),))
