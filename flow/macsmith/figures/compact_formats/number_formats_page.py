"""What docs/number-formats.md shows."""

from macsmith.figures.compact_formats import accuracy, compensation
from macsmith.figures.docs_page import Page

PAGE = Page(
    "docs/number-formats.md",
    (*compensation.REGIONS, *accuracy.REGIONS),
)
