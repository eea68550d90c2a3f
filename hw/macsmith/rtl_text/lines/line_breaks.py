"""Lines of at most 100 characters, broken where an expression allows it."""

import re
from collections.abc import Iterator

from macsmith.rtl_text.lines.expression_text import BREAK, TIGHT_BREAK

LONGEST = 100
"""Characters of a line."""

_FURTHER = 4
_LEADING = re.compile(r" *")
_BREAKS = re.compile(f"([{BREAK}{TIGHT_BREAK}])")


def lines_of(statement: str) -> Iterator[str]:
    """Yield a statement as lines; what follows the first is further in."""
    indent = _LEADING.match(statement)
    assert indent is not None
    further = " " * (len(indent[0]) + _FURTHER)
    line, *pieces = _BREAKS.split(statement)
    for mark, piece in zip(pieces[::2], pieces[1::2], strict=True):
        unbroken = line + " " * (mark == BREAK) + piece
        if len(unbroken) > LONGEST:
            yield line
            line = further + piece
        else:
            line = unbroken
    yield line
