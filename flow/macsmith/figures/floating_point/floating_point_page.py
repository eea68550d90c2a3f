"""The tables of docs/floating-point.md."""

from macsmith.figures.docs_page import Page
from macsmith.figures.floating_point import dot_products, processing_elements

PAGE = Page("docs/floating-point.md", (*processing_elements.REGIONS, *dot_products.REGIONS))
