"""The tables of keys of records, those of docs/records.md: from the registry, unmeasured."""

from collections.abc import Iterable, Mapping
from functools import partial

from macsmith.figures.docs_page import Page, Region, Shown
from macsmith.records.documentation import RECORDS, markdown
from macsmith.records.metric import Key


def _shown(keys: Iterable[Key]) -> Shown:
    return Shown(markdown(keys))


def key_regions(tables: Mapping[str, tuple[Key, ...]]) -> list[Region]:
    """Return a region for each table, named as the table is."""
    return [Region(name, partial(_shown, keys)) for name, keys in tables.items()]


PAGE = Page("docs/records.md", tuple(key_regions(RECORDS)))
