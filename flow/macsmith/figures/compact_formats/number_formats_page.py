"""What docs/number-formats.md shows."""

from macsmith.figures.compact_formats import accuracy, compensation, format_costs
from macsmith.figures.docs_page import Page

PAGE = Page(
    "docs/number-formats.md",
    (*compensation.REGIONS, *format_costs.REGIONS, *accuracy.REGIONS),
)
