"""A layer through memories of tiles: both give the same words, the one with fewer filled in."""

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.golden.catalog import golden
from macsmith.operands.packet_sources.tiled_layer import TiledLayer

LAYER = TiledLayer(rows=5, side=7, kernel=3)


def read(name: str, size: int) -> tuple[list[int], int]:
    """Return what is read of a layer, and how many words are filled in."""
    spec = make_spec(name, {"width": 16, "size": size})
    filled, commands = LAYER.program(spec)
    found, fault = golden(name, spec).read(filled, commands)
    assert not fault
    return found, len(filled)


def test_windows_by_the_plane() -> None:
    plane = np.random.default_rng(1).integers(0, 1 << 16, (7, 7), np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(plane, (3, 3))
    expected = windows.reshape(-1).tolist()
    # Of a double buffer with rows for two of outputs the last of three tiles has one.
    assert read("buffet", 21) == (expected, 49)
    assert read("double-buffer", 56) == (expected, 3 * 28)


@pytest.mark.parametrize(("name", "size"), [("buffet", 20), ("double-buffer", 50)])
def test_memories_without_room(name: str, size: int) -> None:
    sentence = f"size must be whole rows of 7 words, at least 3 of them, not {size}"
    with pytest.raises(UserError, match=sentence):
        LAYER.program(make_spec(name, {"size": size}))
