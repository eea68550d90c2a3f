"""What docs/number-formats.md shows."""

from macsmith.figures.compact_formats import (
    accuracy,
    beside_published,
    compensation,
    error_over_energy,
    format_costs,
)
from macsmith.figures.docs_page import Page

PAGE = Page(
    "docs/number-formats.md",
    (
        *compensation.REGIONS,
        *format_costs.REGIONS,
        *error_over_energy.REGIONS,
        *accuracy.REGIONS,
        *beside_published.REGIONS,
    ),
)
