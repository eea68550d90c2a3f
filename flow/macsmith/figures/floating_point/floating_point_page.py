"""The tables of docs/floating-point.md."""

from macsmith.figures.docs_page import Page
from macsmith.figures.floating_point import (
    dot_products,
    heaps,
    hfp8_accuracy,
    network_formats,
    processing_elements,
    swamping,
)

PAGE = Page(
    "docs/floating-point.md",
    (
        swamping.REGION,
        *processing_elements.REGIONS,
        dot_products.REGION,
        heaps.REGION,
        network_formats.REGION,
        hfp8_accuracy.REGION,
    ),
)
