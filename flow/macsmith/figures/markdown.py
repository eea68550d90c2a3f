"""Tables in Markdown, and the marked regions of a page that hold them."""

import re
from collections.abc import Iterable, Mapping, Sequence

from macsmith.contract.errors import UserError, nearest


def table(head: Sequence[str], rows: Iterable[Sequence[object]], text_columns: int = 1) -> str:
    """Return a table; all columns but the first ones hold numbers and stand to the right."""
    rule = ["---"] * text_columns + ["--:"] * (len(head) - text_columns)
    lines = [head, rule, *([str(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def filled(page: str, text: str, regions: Mapping[str, str]) -> str:
    """Return a page's text with regions between their comments, ``<!-- NAME -->`` and its end.

    Raises
    ------
    UserError
        If the page has no place for a region.
    """
    for name, region in regions.items():
        before, content, after = _around(page, text, name)
        if content.strip() != region.strip():
            text = f"{before}\n{region}\n\n{after}"
    return text


def region_of(page: str, text: str, name: str) -> str:
    """Return what a page has in a region."""
    return _around(page, text, name)[1].strip()


def _around(page: str, text: str, name: str) -> tuple[str, str, str]:
    """Return what stands before a region, in it and after it, its comments outside."""
    opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, opened, rest = text.partition(opening)
    content, closed, after = rest.partition(closing)
    if not (opened and closed):
        known = re.findall(r"<!-- /(.*?) -->", text)
        raise UserError(
            f"{page} must have a place {opening.strip()} ... {closing}, but has none; "
            f"{nearest(name, known)}"
        )
    return before + opening, content, closing + after
