"""What docs/ebsp.md shows."""

from macsmith.figures.docs_page import Page
from macsmith.figures.ebsp import (
    accuracy_over_energy,
    cores,
    multipliers,
    pes_by_mac,
    pes_in_area,
    weights,
)

PAGE = Page(
    "docs/ebsp.md",
    (
        *weights.REGIONS,
        *pes_by_mac.REGIONS,
        *multipliers.REGIONS,
        *cores.REGIONS,
        *pes_in_area.REGIONS,
        *accuracy_over_energy.REGIONS,
        *pes_in_area.OF_LIBRARIES,
        *cores.OF_LIBRARIES,
    ),
)
