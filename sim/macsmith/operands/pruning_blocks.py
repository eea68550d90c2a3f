"""Blocks of activations for the pruning unit: random ones, ties, extremes, and what is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from macsmith.array.pruning.spec import DapSpec
from macsmith.formats.stream_words import Words, operand_range, place, words_for
from macsmith.golden.dap import DapModel
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import UNIFORM, Batch

TIED_BLOCK = 8
"""Longest block of which every pattern of ties is tried."""


@dataclass(frozen=True)
class Blocks(Batch):
    """Blocks that keep equally many, each a beat of its own; ``weights`` hold how many."""

    @classmethod
    def of(cls, label: str, blocks: Int64s, keep: int) -> "Blocks":
        """Return blocks of shape (blocks, block)."""
        return cls(label, 0, blocks[:, np.newaxis], np.full((len(blocks), 1, 1), keep))

    def payloads(self, spec: Any) -> Words:
        """See `Batch.payloads`."""
        words = np.zeros((len(self.acts), words_for(spec.input_layout.size)), np.uint64)
        _place_all(words, self.acts[:, 0], spec.act_width, 0)
        keep = spec.input_layout["keep"]
        place(words, self.weights[:, 0, 0], keep.width, keep.offset)
        return words

    def expected(self, spec: Any, model: Any) -> Words:
        """See `Batch.expected`."""
        kept = model.prune(self.acts[:, 0], self.weights[:, 0, 0])
        layout = spec.output_layout
        words = np.zeros((len(self.acts), words_for(layout.size)), np.uint64)
        _place_all(words, kept.values, spec.act_width, 0)
        at = layout["places"].offset
        if spec.form == "bitmask":
            place(words, kept.mask, spec.block, at)
        else:
            _place_all(words, kept.places, spec.place_bits, at)
        for name, values in (("kept", kept.count), ("lossy", kept.lossy)):
            place(words, values, layout[name].width, layout[name].offset)
        return words


class BlockSource:
    """Draws blocks of activations of a unit.

    Parameters
    ----------
    spec:
        The unit.
    rng:
        Source of randomness.
    """

    def __init__(self, spec: DapSpec, rng: np.random.Generator) -> None:
        self.spec, self.rng, self.model = spec, rng, DapModel(spec)
        self.range = operand_range(spec.act_width, spec.act_signed)

    @property
    def keeps(self) -> range:
        """All that a block may ask for, 0 for all of it."""
        return range(self.spec.nonzeros + 1)

    def uniform(self, count: int, keep: int) -> Blocks:
        """Return random blocks, half of whose activations are zero."""
        shape = count, self.spec.block
        values = self.rng.integers(*self.range, shape, endpoint=True)
        return Blocks.of(UNIFORM, values * (self.rng.random(shape) < 0.5), keep)

    def special(self, keep: int) -> Iterator[Blocks]:
        """Yield all zero, all alike, the least among others, and ties."""
        spec, (least, most) = self.spec, self.range
        for name, value in (("all zero", 0), ("all max", most), ("most negative", least)):
            yield Blocks.of(name, np.full((1, spec.block), value), keep)
            alone = np.diag(np.full(spec.block, value))
            yield Blocks.of(f"{name}, one place", alone, keep)
        yield Blocks.of("ties", self._tied(), keep)

    def _tied(self) -> Int64s:
        """Return blocks of three magnitudes, every pattern of them where these are few."""
        block, (least, most) = self.spec.block, self.range
        if block <= TIED_BLOCK:
            patterns = np.array(list(product(range(3), repeat=block)))
        else:
            patterns = self.rng.integers(0, 3, (3**TIED_BLOCK, block))
        sizes = np.array([0, min(1, most), most])
        # Equal magnitudes of both signs, and the least one, which has none like it.
        signs = self.rng.choice([1, -1] if least else [1], patterns.shape)
        values: Int64s = (signs * sizes[patterns]).clip(least, most)
        return values


def _place_all(words: Words, values: Int64s, bits: int, offset: int) -> None:
    for number in range(values.shape[1]):
        place(words, values[:, number], bits, offset + number * bits)
