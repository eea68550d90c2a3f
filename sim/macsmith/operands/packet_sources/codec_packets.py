"""Packets for codecs: elements of every density and of the worst kinds; words, many malformed."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from macsmith.formats.codecs.bit_string import words_of
from macsmith.golden.sparse.codecs import with_ends
from macsmith.host.int64s import Int64s
from macsmith.operands.packet_sources.packets import Packet

DENSITIES = (0.0, 0.05, 0.1, 0.25, 0.35, 0.5, 0.75, 1.0)
"""Shares of elements that are not zero."""

LENGTHS = (3, 20, 80, 300)
"""Most elements of a packet, in equal shares."""

COUNTABLE = 10
"""Bits of a count that packets overflow, at most: longer packets take too long."""


class ElementSource:
    """Elements for an encoder."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        self.spec, self.model, self.rng = spec, model, rng
        self.kinds: tuple[Callable[[int], tuple[str, Int64s]], ...] = (
            self.random, self.random, self.random, self.alternating, self.runs,
        )  # fmt: skip

    def packets(self, count: int) -> list[Packet]:
        return [Packet(label, {"value": values}) for label, values in self.drawn(count)]

    def drawn(self, count: int) -> list[tuple[str, Int64s]]:
        """Return elements of so many packets, each with what they are."""
        return [self._one() for _ in range(count)]

    def _one(self) -> tuple[str, Int64s]:
        bits = self.spec.count_width
        length = int(self.rng.integers(1, 1 + self.rng.choice(LENGTHS)))
        if bits <= COUNTABLE and self.rng.random() < 0.1:
            length = 2**bits + int(self.rng.integers(-2, 3))
        return self.kinds[self.rng.integers(len(self.kinds))](length)

    def nonzero(self, shape: Any) -> Int64s:
        """Return values that are not zero."""
        return self.rng.integers(1, 2**self.spec.width, shape)

    def random(self, length: int) -> tuple[str, Int64s]:
        """Return elements of which a share is not zero, of blocks some of them whole."""
        density, lanes = self.rng.choice(DENSITIES), self.spec.lanes
        kept = self.rng.random((length, lanes)) < density
        if self.rng.random() < 0.5:
            kept &= self.rng.random((length, 1)) < 0.5
        return f"{density:.0%} not zero", np.where(kept, self.nonzero(kept.shape), 0)

    def alternating(self, length: int) -> tuple[str, Int64s]:
        """Return elements every second of which is zero."""
        zero = (np.arange(length) + self.rng.integers(2)) % 2
        values = self.nonzero((length, self.spec.lanes))
        return "alternating", np.where(zero[:, np.newaxis], 0, values)

    def runs(self, length: int) -> tuple[str, Int64s]:
        """Return runs of zeros about as long as can be told."""
        values = np.zeros((length, self.spec.lanes), np.int64)
        at = 0
        while at < length:
            at += int(2 ** self.rng.integers(0, 9)) + int(self.rng.integers(-2, 3))
            if 0 <= at < length:
                values[at] = self.nonzero(self.spec.lanes)
            at = max(at, 0) + 1
        return "longest runs", values


class WordSource:
    """Words for a decoder: those of an encoder, and others that are malformed in every way."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        self.spec, self.model, self.rng = spec, model, rng
        self.elements = ElementSource(spec, model, point, rng)
        self.faults: tuple[Callable[[Int64s, int], tuple[str, Int64s, int]], ...] = (
            self._truncated, self._corrupted, self._too_long, self._miscounted, self._junk,
        )  # fmt: skip

    def packets(self, count: int) -> list[Packet]:
        return [self.packet(*one) for one in self.elements.drawn(count)]

    def packet(self, label: str, values: Int64s) -> Packet:
        """Return the words of some elements, or what has become of them."""
        values = values[: 2**self.spec.count_width - 1]
        packed = self.spec.word - self.model.end_bits
        words, count = words_of(self.model.code().encode(values), packed), len(values)
        if self.rng.random() < 0.4:
            fault = self.faults[self.rng.integers(len(self.faults))]
            name, words, count = fault(words, count)
            label = f"{label}, {name}"
        words = with_ends(words, self.model.end_bits)
        if self.model.end_bits and self.rng.random() < 0.1:
            label = f"{label}, an end bit"
            words[self.rng.integers(len(words))] ^= 1
        return Packet(label, self.beats(words, count))

    def beats(self, words: Int64s, count: int) -> Mapping[str, Int64s]:
        """Return the fields of a packet: the count counts with its first word alone."""
        counts = self.rng.integers(0, 2**self.spec.count_width, (len(words), 1))
        counts[0] = count
        return {"word": words[:, np.newaxis], "count": counts}

    def _truncated(self, words: Int64s, count: int) -> tuple[str, Int64s, int]:
        return "truncated", words[: self.rng.integers(1, len(words) + 1)], count

    def _corrupted(self, words: Int64s, count: int) -> tuple[str, Int64s, int]:
        for _ in range(self.rng.integers(1, 4)):
            bit = int(self.rng.integers(self.spec.word - self.model.end_bits))
            words[self.rng.integers(len(words))] ^= np.int64(1) << np.int64(bit)
        return "corrupted", words, count

    def _too_long(self, words: Int64s, count: int) -> tuple[str, Int64s, int]:
        more = self._any_words(int(self.rng.integers(1, 4)))
        return "too long", np.append(words, more * self.rng.integers(2)), count

    def _miscounted(self, words: Int64s, count: int) -> tuple[str, Int64s, int]:
        wrong = count + int(self.rng.integers(-3, 4))
        return "miscounted", words, min(max(wrong, 0), 2**self.spec.count_width - 1)

    def _junk(self, words: Int64s, count: int) -> tuple[str, Int64s, int]:
        return "junk", self._any_words(len(words)), count

    def _any_words(self, count: int) -> Int64s:
        packed = self.spec.word - self.model.end_bits
        words = self.rng.integers(0, 1 << 64, count, np.uint64) >> np.uint64(64 - packed)
        return words.view(np.int64)


class FieldsSource:
    """Fields for a packer: of any length, none, short or the longest."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        self.spec, self.rng = spec, rng

    def packets(self, count: int) -> list[Packet]:
        return [self._packet() for _ in range(count)]

    def _packet(self) -> Packet:
        rng, most = self.rng, self.spec.most_bits
        beats = int(rng.integers(1, 1 + rng.choice(LENGTHS)))
        least, longest = ((0, 0), (0, 1), (1, most), (most, most))[rng.integers(4)]
        lengths = rng.integers(least, longest + 1, (beats, 1))
        bits = rng.integers(0, 1 << 64, (beats, 1), np.uint64) >> np.uint64(64 - most)
        # What is below a field is zero.
        below = (most - lengths).astype(np.uint64)
        shifted = np.where(lengths == 0, np.uint64(0), bits >> below << below)
        tags = rng.integers(0, 2**self.spec.tag, (beats, 1))
        fields = {"bits": shifted.view(np.int64), "length": lengths, "tag": tags}
        return Packet(f"fields of {least} to {longest} bits", fields)
