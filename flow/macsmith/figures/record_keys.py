"""The tables of keys in docs/records.md, and in docs/scaling.md."""

from collections.abc import Mapping
from functools import partial

from macsmith.figures.page import Page, Region, Shown
from macsmith.records.documentation import RECORDS, blocks
from macsmith.records.metric import Key


def key_regions(tables: Mapping[str, tuple[Key, ...]]) -> tuple[Region, ...]:
    """Return a region for each table of keys, with their units and meanings."""
    return tuple(Region(name, partial(Shown, text)) for name, text in blocks(tables).items())


PAGE = Page("docs/records.md", key_regions(RECORDS))
