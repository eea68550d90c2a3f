"""Lines of at most 100 characters, broken where an expression allows it."""

import re
from collections.abc import Iterator

from macsmith.rtl_text.lines.expression_text import BREAK

LONGEST = 100
"""Characters of a line."""

_FURTHER = 4
_LEADING = re.compile(r" *")


def lines_of(statement: str) -> Iterator[str]:
    """Yield a statement as lines; what follows the first is further in."""
    indent = _LEADING.match(statement)
    assert indent is not None
    further = " " * (len(indent[0]) + _FURTHER)
    line = ""
    for piece in statement.split(BREAK):
        if line and len(line) + 1 + len(piece) > LONGEST:
            yield line
            line = further + piece
        else:
            line = f"{line} {piece}" if line else piece
    yield line
