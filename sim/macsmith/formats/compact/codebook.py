"""Codebooks of shared weights, and the beats that bring them to a unit."""

from typing import Any

import numpy as np

from macsmith.contract.errors import UserError
from macsmith.formats.compact.real_values import Floats, checked
from macsmith.host.int64s import Int64s

ROUNDS = 100
"""Most rounds of k-means."""


def shared(values: Any, entries: int) -> tuple[Floats, Int64s]:
    """Return a codebook and the index of each value: k-means from evenly spaced centres.

    Han et al., "Deep compression" (ICLR 2016).
    """
    found = checked(values)
    flat = found.reshape(-1)
    centres = np.linspace(flat.min(), flat.max(), entries)
    for _ in range(ROUNDS):
        index = nearest(centres, flat)
        counts = np.bincount(index, minlength=entries)
        sums = np.bincount(index, flat, minlength=entries)
        moved = np.where(counts > 0, sums / np.maximum(counts, 1), centres)
        if np.array_equal(moved, centres):
            break
        centres = np.sort(moved)
    return centres, nearest(centres, flat).reshape(found.shape)


def nearest(centres: Floats, values: Floats) -> Int64s:
    """Return the index of the nearest of sorted centres, of two the lower."""
    turns = (centres[1:] + centres[:-1]) / 2
    return np.searchsorted(turns, values)


def entry_beats(book: Int64s, entries: int) -> dict[str, Int64s]:
    """Return the fields ``entry``, ``place`` and ``value`` of beats that bring a codebook.

    Raises
    ------
    UserError
        If it has more entries than the unit.
    """
    if len(book) > entries:
        raise UserError(f"a codebook must have at most {entries} entries, not {len(book)}")
    return {
        "entry": np.ones(len(book), np.int64), "place": np.arange(len(book)), "value": book,
    }  # fmt: skip
