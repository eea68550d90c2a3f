"""Broken copies of a Verilog text: an operator or a constant in it is turned around."""

from collections.abc import Iterator

TURNED = (
    (" ^ ", " & "), (" & ", " | "), (" | ", " & "), ("= ~", "= "), (" + ", " - "),
    (" == ", " != "), ("1'b1;", "1'b0;"), ("1'b0;", "1'b1;"),
)  # fmt: skip
"""What stands in a line, and what takes its place."""


def drawn_faults(verilog: str, count: int) -> Iterator[str]:
    """Yield copies of a text with a fault in each, from places that are spread over it."""
    lines = verilog.splitlines(keepends=True)
    places = [
        (at, line.replace(right, wrong, 1))
        for at, line in enumerate(lines)
        for right, wrong in TURNED
        if right in line and not line.lstrip().startswith("//")
    ]
    step = len(places) // count
    for at, line in places[step // 2 :: step][:count]:
        yield "".join([*lines[:at], line, *lines[at + 1 :]])
