"""Encoders and decoders: what packets they make of packets, by the codecs in numpy."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from macsmith.formats.codecs.bit_string import bits_of, joined, words_of
from macsmith.formats.codecs.bitmask import BitmaskCode
from macsmith.formats.codecs.block import BlockCode
from macsmith.formats.codecs.code import Code, PlainCode
from macsmith.formats.codecs.run_level import PairCode
from macsmith.formats.codecs.zero_run import ZeroRunCode
from macsmith.host.int64s import Int64s

Beats = Mapping[str, Int64s]
"""Values of each field of the beats of a packet, shape (beats, lanes)."""


def last_alone(count: int, value: int) -> Int64s:
    """Return a field that is 0 but in the last beat."""
    column = np.zeros((count, 1), np.int64)
    column[-1] = value
    return column


def with_ends(words: Int64s, end_bits: int) -> Int64s:
    """Return words whose lowest bit, if they have one for it, tells the last."""
    ends = np.arange(len(words)) == len(words) - 1
    return words << end_bits | ends * end_bits


class CodecModel:
    """A side of a codec."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    @property
    def end_bits(self) -> int:
        """Bits at the low end of a word that tell the last."""
        return 0

    def code(self) -> Code:
        """Return the codec."""
        raise NotImplementedError

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        """Return what becomes of a packet, and the most cycles that it takes without stalls."""
        raise NotImplementedError

    def answers(self, packets: Iterable[Beats]) -> Iterator[tuple[Beats, int]]:
        """Yield what becomes of packets that follow a reset."""
        for beats in packets:
            yield self.answer(beats)


class EncoderModel(CodecModel):
    """Elements in, words out."""

    settling = 2

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        values, spec = beats["value"], self.spec
        words = words_of(self.code().encode(values), spec.word - self.end_bits)
        count, many = len(words), len(values)
        return {
            "word": with_ends(words, self.end_bits)[:, np.newaxis],
            "count": last_alone(count, many % 2**spec.count_width),
            "error": last_alone(count, many >= 2**spec.count_width),
        }, many + self.settling  # fmt: skip


class DecoderModel(CodecModel):
    """Words in, elements out."""

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        words, packed = beats["word"][:, 0], self.spec.word - self.end_bits
        bits = bits_of(words >> self.end_bits, packed)
        found, bad = self.code().decode(bits, int(beats["count"][0, 0]), packed)
        if self.end_bits:
            bad |= bool((words & 1 != with_ends(words, 1) & 1).any())
        # What follows a malformed packet's elements is dropped, a word a cycle.
        spent = len(found) + 2 + (len(words) if bad else 0)
        return {"value": found, "error": last_alone(len(found), bad)}, spent


class ZeroRun(CodecModel):
    """Zero run-length."""

    def code(self) -> Code:
        return ZeroRunCode(self.spec.width)


class RunLevel(CodecModel):
    """Run-length coding."""

    @property
    def end_bits(self) -> int:
        return int(self.spec.end_bit)

    def code(self) -> Code:
        return PairCode(self.spec.width, self.spec.index, trailing=True)


class SparseColumn(CodecModel):
    """Entries of compressed sparse columns."""

    def code(self) -> Code:
        return PairCode(self.spec.width, self.spec.index, trailing=False)


class Bitmask(CodecModel):
    """Bit masks."""

    def code(self) -> Code:
        return BitmaskCode(self.spec.width, self.spec.block)


class Block(CodecModel):
    """Structured blocks."""

    def code(self) -> Code:
        return BlockCode(self.spec.width, self.spec.block)


class ZeroRunEncoder(ZeroRun, EncoderModel):
    """See `EncoderModel`."""


class ZeroRunDecoder(ZeroRun, DecoderModel):
    """See `DecoderModel`."""


class RunLevelEncoder(RunLevel, EncoderModel):
    """See `EncoderModel`."""


class RunLevelDecoder(RunLevel, DecoderModel):
    """See `DecoderModel`."""


class SparseColumnEncoder(SparseColumn, EncoderModel):
    """See `EncoderModel`."""


class SparseColumnDecoder(SparseColumn, DecoderModel):
    """See `DecoderModel`."""


class BitmaskEncoder(Bitmask, EncoderModel):
    """A block leaves after it has come."""

    @property
    def settling(self) -> int:  # type: ignore[override]
        return int(self.spec.block) + 2


class BitmaskDecoder(Bitmask, DecoderModel):
    """See `DecoderModel`."""


class BlockEncoder(Block, EncoderModel):
    """See `EncoderModel`."""


class BlockDecoder(Block, DecoderModel):
    """See `DecoderModel`."""


class UnpackerModel(DecoderModel):
    """Words in, fields of one width out."""

    def code(self) -> Code:
        return PlainCode(self.spec.width)


class PackerModel(CodecModel):
    """Fields in, words out."""

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        lengths, most = beats["length"][:, 0], self.spec.most_bits
        fields = beats["bits"][:, 0].view(np.uint64) >> (most - lengths).astype(np.uint64)
        # A field of no bits has none, wherever they would be.
        fields[lengths == 0] = 0
        words = words_of(joined(fields, lengths), self.spec.word)
        tag = int(beats["tag"][-1, 0])
        return {"word": words[:, np.newaxis], "tag": last_alone(len(words), tag)}, len(lengths) + 1
