"""What an array must call a fault: beats that cannot be, each from products that can."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from macsmith.contract.stream import LAST, Field, Layout
from macsmith.formats.stream_words import pack, unpack, words_to_ints
from macsmith.host.int64s import Int64s
from macsmith.matmul.array_gemm import Gemm

SHAPE = (3, 4, 5)
"""M, N and K of the product that one wrong index is put into."""

MOST_LANES = 32
"""Lanes of a beat of which each gets a wrong index; of more, random ones do."""

UNEVEN_LAYERS: dict[str, list[list[str]]] = {
    "a layer without one before": [["final"]],
    "a layer of fewer steps": [["fresh"] * 2, ["final"], ["fresh final"]],
    "a last layer of more steps": [["fresh"], ["final"] * 2],
    "a middle layer of fewer steps": [["fresh"] * 2, [""], ["final"] * 2],
    "a middle layer of more steps": [["fresh"], [""] * 2, ["final"]],
}
"""Flags of the steps of tiles that do not fit, tile by tile."""


@dataclass(frozen=True)
class ArrayFault:
    """Beats that raise the fault.

    Members
    -------
    title:
        What is wrong, for messages.
    beats:
        Payloads of each input stream.
    results:
        Output beats that come all the same.
    """

    title: str
    beats: dict[str, list[int]]
    results: int


def faults(spec: Any, rng: np.random.Generator) -> Iterator[ArrayFault]:
    """Yield all kinds of faults of an array, none if it has none."""
    if spec.zeros.index_bits:
        yield from _wrong_indices(spec, rng)
    if spec.movement.chains_sums:
        yield from _wrong_layers(spec, rng)


def _wrong_indices(spec: Any, rng: np.random.Generator) -> Iterator[ArrayFault]:
    """Yield a product with one wrong index: of each slot each value, and of many lanes one."""
    gemm = Gemm.random(spec, SHAPE, rng)
    beats = {name: words_to_ints(words) for name, words in gemm.beats().items()}
    (stream,) = (name for name, layout in _layouts(spec).items() if _has_index(layout))
    index = _layouts(spec)[stream]["index"]
    tried = [
        (int(rng.integers(index.lanes // spec.nonzeros)) * spec.nonzeros + slot, value)
        for slot in range(spec.nonzeros)
        for value in range(1 << index.bits)
    ]
    lanes = rng.permutation(index.lanes)[:MOST_LANES].tolist()
    tried += [(lane, int(rng.integers(1 << index.bits))) for lane in lanes for _ in range(3)]
    for lane, value in tried:
        beat = int(rng.integers(len(beats[stream])))
        block = lane // spec.nonzeros * spec.nonzeros
        found = [_index(beats[stream][beat], index, block + slot) for slot in range(spec.nonzeros)]
        found[lane - block] = value
        if _legal(spec, found):
            continue
        broken = list(beats[stream])
        mask = (1 << index.bits) - 1 << index.offset + lane * index.bits
        broken[beat] = broken[beat] & ~mask | value << index.offset + lane * index.bits
        yield ArrayFault(
            f"index {value} of lane {lane}, slot {lane - block}, in beat {beat}",
            beats | {stream: broken}, gemm.result_count(),
        )  # fmt: skip


def _legal(spec: Any, places: list[int]) -> bool:
    """Return whether the places of a block's weights are such as the array must take.

    With joint density bounds they must rise; else each must be one that its slot can reach.
    """
    if spec.zeros.serial_acts:
        return all(low < high for low, high in pairwise(places))
    most = spec.block - spec.nonzeros
    return all(slot <= place <= slot + most for slot, place in enumerate(places))


def _index(beat: int, index: Field, lane: int) -> int:
    return beat >> index.offset + lane * index.bits & (1 << index.bits) - 1


def _has_index(layout: Layout) -> bool:
    return any(field.name == "index" for field in layout.fields)


def _layouts(spec: Any) -> dict[str, Layout]:
    return dict(spec.inputs(spec.points[0]))


def _wrong_layers(spec: Any, rng: np.random.Generator) -> Iterator[ArrayFault]:
    """Yield tiles of which one does not fit that before, and tiles of too many steps."""
    layouts = _layouts(spec)
    names = {"act": "i_a", "weight": "i_w"}
    moving, held = names[spec.movement.moving], names[spec.movement.held]
    full = {
        "more steps than are kept": [["fresh"] * (spec.depth + 1), ["final"] * (spec.depth + 1)]
    }
    gemm = Gemm.random(spec, SHAPE, rng)
    for title, tiles in (UNEVEN_LAYERS | full).items():
        steps = sum(map(len, tiles))
        beats = {name: unpack(layouts[name], words) for name, words in gemm.beats().items()}
        # The operands are some of a product's, again and again.
        beats[moving] = _again(beats[moving], steps)
        beats[held] = _again(beats[held], spec.rows * len(tiles))
        for flag in ("fresh", "final"):
            which = [flag in step for tile in tiles for step in tile]
            beats[moving][flag] = np.array(which, np.int64)[:, None]
        ends = [number == len(tile) - 1 for tile in tiles for number in range(len(tile))]
        yield ArrayFault(
            title,
            {
                name: words_to_ints(pack(layouts[name], fields, last=np.array(ends)))
                if any(field.role == LAST for field in layouts[name].fields)
                else words_to_ints(pack(layouts[name], fields))
                for name, fields in beats.items()
            },
            sum("final" in step for tile in tiles for step in tile),
        )


def _again(fields: dict[str, Int64s], count: int) -> dict[str, Int64s]:
    """Return the first beats of some, which begin anew when they are at their end."""
    return {name: values[np.arange(count) % len(values)] for name, values in fields.items()}
