"""Tables in Markdown, and the places for them in README.md and docs/."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]], text_columns: int = 1) -> str:
    """Return a table; all columns but the first ones hold numbers and stand to the right."""
    rule = ["---"] * text_columns + ["--:"] * (len(head) - text_columns)
    lines = [head, rule, *([str(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fill(path: Path, blocks: dict[str, str], check: bool) -> bool:
    """Put blocks between their comments; return whether the file was right already."""
    text = filled = path.read_text()
    for name, block in blocks.items():
        opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, opened, rest = filled.partition(opening)
        _, closed, after = rest.partition(closing)
        if not (opened and closed):
            sys.exit(f"{path.name} must have a place {opening.strip()} ... {closing}")
        filled = f"{before}{opening}\n{block}\n\n{closing}{after}"
    if filled != text and not check:
        path.write_text(filled)
    return filled == text
