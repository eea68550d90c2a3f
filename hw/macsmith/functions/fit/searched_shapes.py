"""Shapes of tables: those that were searched for, and what looks for others."""

from collections.abc import Mapping

from macsmith.functions.fit.table import Shape, Table, filled, leanest
from macsmith.functions.fit.targets import Target


def shape_of(function: str, target: Target, degree: int, index_bits: int | None) -> Shape | None:
    """Return the shape of least ROM bits of a table, with the fewest segments or with so many."""
    known = SHAPES.get((function, target.fraction_bits, degree))
    if known is not None and index_bits in (None, known[0]):
        return Shape(*known)
    return leanest(target, degree, index_bits)


def table_of(
    function: str, target: Target, degree: int, index_bits: int | None = None
) -> Table | None:
    """Return the table of that shape, or None if there is none with so many segments."""
    shape = shape_of(function, target, degree, index_bits)
    return filled(target, shape) if shape else None


SHAPES: Mapping[tuple[str, int, int], tuple[int, int, tuple[int, ...]]] = {
    ("reciprocal", 7, 1): (3, 1, (0, 0)),
    ("reciprocal", 7, 2): (1, 2, (1, 1, 4)),
    ("reciprocal", 7, 3): (0, 3, (1, 1, 3, 6)),
    ("sqrt", 7, 1): (2, 2, (0, 1)),
    ("sqrt", 7, 2): (1, 1, (0, 1, 2)),
    ("sqrt", 7, 3): (1, 1, (0, 1, 2, 4)),
    ("rsqrt", 7, 1): (3, 1, (0, 0)),
    ("rsqrt", 7, 2): (2, 1, (0, 1, 3)),
    ("rsqrt", 7, 3): (1, 1, (0, 1, 1, 2)),
    ("exp2", 7, 1): (2, 2, (0, 1)),
    ("exp2", 7, 2): (0, 2, (1, 1, 3)),
    ("exp2", 7, 3): (0, 2, (1, 1, 3, 6)),
    ("exp", 7, 1): (3, 1, (0, 0)),
    ("exp", 7, 2): (1, 2, (0, 1, 3)),
    ("exp", 7, 3): (0, 4, (1, 1, 3, 6)),
    ("log2", 7, 1): (2, 2, (0, 0)),
    ("log2", 7, 2): (1, 2, (0, 1, 2)),
    ("log2", 7, 3): (1, 2, (0, 1, 2, 4)),
    ("ln", 7, 1): (2, 5, (0, 1)),
    ("ln", 7, 2): (1, 3, (1, 1, 3)),
    ("ln", 7, 3): (1, 3, (1, 1, 3, 6)),
    ("reciprocal", 9, 1): (4, 1, (0, 0)),
    ("reciprocal", 9, 2): (2, 2, (1, 1, 4)),
    ("reciprocal", 9, 3): (1, 1, (0, 1, 1, 2)),
    ("sqrt", 9, 1): (4, 1, (1, 1)),
    ("sqrt", 9, 2): (2, 2, (1, 1, 4)),
    ("sqrt", 9, 3): (1, 1, (0, 0, 1, 2)),
    ("rsqrt", 9, 1): (5, 1, (1, 1)),
    ("rsqrt", 9, 2): (3, 1, (0, 1, 3)),
    ("rsqrt", 9, 3): (2, 2, (0, 1, 3, 6)),
    ("exp2", 9, 1): (4, 1, (0, 1)),
    ("exp2", 9, 2): (1, 2, (1, 1, 4)),
    ("exp2", 9, 3): (0, 4, (1, 1, 3, 6)),
    ("exp", 9, 1): (4, 1, (0, 0)),
    ("exp", 9, 2): (1, 3, (1, 1, 4)),
    ("exp", 9, 3): (0, 4, (1, 1, 3, 6)),
    ("log2", 9, 1): (3, 4, (1, 1)),
    ("log2", 9, 2): (2, 3, (1, 1, 4)),
    ("log2", 9, 3): (1, 4, (1, 1, 3, 6)),
    ("ln", 9, 1): (4, 2, (0, 0)),
    ("ln", 9, 2): (2, 3, (1, 1, 4)),
    ("ln", 9, 3): (1, 5, (1, 1, 4, 7)),
    ("reciprocal", 10, 1): (5, 1, (1, 1)),
    ("reciprocal", 10, 2): (3, 1, (0, 1, 2)),
    ("reciprocal", 10, 3): (1, 1, (0, 0, 1, 2)),
    ("sqrt", 10, 1): (4, 1, (0, 0)),
    ("sqrt", 10, 2): (2, 2, (1, 1, 4)),
    ("sqrt", 10, 3): (1, 2, (0, 1, 2, 4)),
    ("rsqrt", 10, 1): (5, 1, (1, 1)),
    ("rsqrt", 10, 2): (3, 1, (0, 1, 2)),
    ("rsqrt", 10, 3): (2, 2, (0, 1, 2, 4)),
    ("exp2", 10, 1): (4, 1, (0, 1)),
    ("exp2", 10, 2): (1, 3, (1, 1, 3)),
    ("exp2", 10, 3): (0, 4, (1, 1, 3, 6)),
    ("exp", 10, 1): (4, 2, (0, 0)),
    ("exp", 10, 2): (2, 2, (0, 1, 2)),
    ("exp", 10, 3): (0, 4, (1, 1, 3, 6)),
    ("log2", 10, 1): (4, 2, (1, 1)),
    ("log2", 10, 2): (2, 3, (1, 1, 4)),
    ("log2", 10, 3): (1, 4, (1, 1, 3, 6)),
    ("ln", 10, 1): (4, 3, (0, 1)),
    ("ln", 10, 2): (2, 4, (2, 2, 5)),
    ("ln", 10, 3): (1, 5, (1, 1, 4, 7)),
    ("reciprocal", 23, 2): (8, 4, (2, 2, 5)),
    ("reciprocal", 23, 3): (5, 6, (2, 2, 5, 8)),
    ("sqrt", 23, 2): (7, 4, (2, 2, 5)),
    ("sqrt", 23, 3): (5, 5, (1, 1, 4, 7)),
    ("rsqrt", 23, 2): (8, 4, (2, 2, 5)),
    ("rsqrt", 23, 3): (6, 5, (1, 1, 4, 7)),
    ("exp2", 23, 2): (6, 5, (2, 2, 5)),
    ("exp2", 23, 3): (4, 5, (1, 1, 3, 6)),
    ("exp", 23, 2): (6, 5, (2, 2, 5)),
    ("exp", 23, 3): (4, 5, (1, 1, 3, 6)),
    ("log2", 23, 2): (7, 4, (1, 1, 4)),
    ("log2", 23, 3): (5, 6, (1, 1, 4, 7)),
    ("ln", 23, 2): (7, 5, (2, 2, 5)),
    ("ln", 23, 3): (5, 6, (1, 1, 4, 7)),
    ("exp", 13, 2): (3, 5, (2, 2, 5)),
    ("reciprocal", 13, 2): (4, 2, (1, 1, 4)),
    ("rsqrt", 13, 2): (4, 2, (1, 1, 4)),
    ("exp", 12, 2): (3, 4, (1, 1, 4)),
}
