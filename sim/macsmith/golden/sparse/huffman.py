"""Huffman codecs: packets load tables, or are coded by the last one."""

from collections.abc import Iterable, Iterator

import numpy as np

from macsmith.formats.codecs.huffman import HuffmanCode, complete
from macsmith.golden.sparse.codecs import Beats, CodecModel, DecoderModel, EncoderModel, last_alone
from macsmith.host.int64s import Int64s


class _Huffman(CodecModel):
    """The code is that of the last table."""

    settling = 4
    carrier = "value"

    def begin(self) -> None:
        """Forget the table, as a reset does."""
        self.table: Int64s | None = None

    def code(self) -> HuffmanCode:
        return HuffmanCode(self.table)

    def answers(self, packets: Iterable[Beats]) -> Iterator[tuple[Beats, int]]:
        self.begin()
        yield from super().answers(packets)

    def load(self, beats: Beats) -> tuple[bool, int]:
        """Take a table; return whether it is bad, and the most cycles it takes."""
        lengths, symbols = beats[self.carrier][:, 0] & 15, 2**self.spec.width
        bad = (
            len(lengths) != symbols
            or int(lengths.max()) > self.spec.longest
            or not complete(lengths)
        )
        self.table = None if bad else lengths
        return bad, len(lengths) + symbols + self.spec.longest + 16


class HuffmanEncoder(_Huffman, EncoderModel):
    """Symbols in, words out."""

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        if beats["table"][0, 0]:
            bad, cycles = self.load(beats)
            zero = np.zeros((1, 1), np.int64)
            return {"word": zero, "count": zero, "error": last_alone(1, bad)}, cycles
        answer, cycles = super().answer(beats)
        if self.code().lacks(beats["value"]):
            answer = {**answer, "error": last_alone(len(answer["error"]), 1)}
        return answer, cycles


class HuffmanDecoder(_Huffman, DecoderModel):
    """Words in, symbols out."""

    carrier = "word"

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        if beats["table"][0, 0]:
            bad, cycles = self.load(beats)
            return {"value": np.zeros((1, 1), np.int64), "error": last_alone(1, bad)}, cycles
        answer, cycles = super().answer(beats)
        if self.serial and self.table is not None:
            cycles += self._bits(beats, answer)
        return answer, cycles

    @property
    def serial(self) -> bool:
        """Whether it takes a bit a cycle."""
        return bool(self.spec.search == "serial")

    def load(self, beats: Beats) -> tuple[bool, int]:
        bad, cycles = super().load(beats)
        return bad, cycles + self.serial * self.spec.longest * (2**self.spec.width + 3)

    def _bits(self, beats: Beats, answer: Beats) -> int:
        """Return the bits that are taken of a packet, of a malformed one at the most."""
        if answer["error"][-1, 0]:
            return len(beats["word"]) * int(self.spec.word)
        assert self.table is not None
        return int(self.table[answer["value"][:, 0]].sum())
