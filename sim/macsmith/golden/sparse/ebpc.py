"""EBPC's encoder and decoder: two strings of words in the order in which elements fill them."""

import numpy as np

from macsmith.formats.codecs.bit_planes import BitPlaneCode, Coded
from macsmith.formats.codecs.bit_string import bits_of, words_of
from macsmith.golden.sparse.codecs import Beats, CodecModel, last_alone
from macsmith.host.int64s import Int64s


class _Ebpc(CodecModel):
    """Both sides."""

    @property
    def planes(self) -> BitPlaneCode:
        """The codec in numpy."""
        return BitPlaneCode(self.spec.width, self.spec.block)

    def slower(self, flat: Int64s) -> int:
        """Return the cycles that elements which are not zero take beyond one for each."""
        blocks = -(-int((flat != 0).sum()) // self.spec.block)
        return blocks * max(0, int(self.spec.steps) - int(self.spec.block))

    def strings(self, values: Int64s) -> tuple[Int64s, Int64s]:
        """Return the words of both strings."""
        flat = values[:, 0]
        coded = self.planes.zeros(flat), self.planes.blocks(flat)
        return words_of(coded[0].bits, self.spec.word), words_of(coded[1].bits, self.spec.word)

    def settling(self) -> int:
        """Return the cycles of a packet beyond those of its elements."""
        return int(self.spec.block) + int(self.spec.steps) + 6


class EbpcEncoder(_Ebpc):
    """Elements in, words of both strings out."""

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        flat, spec = beats["value"][:, 0], self.spec
        places = np.flatnonzero(flat)[spec.block - 1 :: spec.block]
        zeros, blocks = self.planes.zeros(flat), self.planes.blocks(flat)
        # The element with which each word leaves; zeros' words before those of a block.
        when = [
            self._leaving(zeros, np.arange(len(flat))),
            self._leaving(blocks, np.append(places, len(flat) - 1)),
        ]
        words = np.concatenate([words_of(one.bits, spec.word) for one in (zeros, blocks)])
        string = np.repeat([0, 1], [len(one) for one in when])
        order = np.lexsort((string, np.concatenate(when)))
        count, many = len(order), len(flat)
        spent = many + self.slower(flat) + 2 * len(when[0]) + self.settling()
        return {
            "word": words[order][:, np.newaxis], "blocks": string[order][:, np.newaxis],
            "count": last_alone(count, many % 2**spec.count_width),
            "error": last_alone(count, many >= 2**spec.count_width),
        }, spent  # fmt: skip

    def _leaving(self, coded: Coded, places: Int64s) -> Int64s:
        """Return the element with which each word leaves: one whose bits have no room in it."""
        ends = np.cumsum(coded.lengths)
        words = max(1, -(-len(coded.bits) // self.spec.word))
        full = np.arange(1, words) * self.spec.word
        return np.append(places[np.searchsorted(ends, full, side="right")], places[-1])


class EbpcDecoder(_Ebpc):
    """Words of both strings in, elements out."""

    def answer(self, beats: Beats) -> tuple[Beats, int]:
        word = self.spec.word
        zeros, blocks = (beats[name][:, 0] for name in ("word", "block_word"))
        found, bad = self.planes.decode(
            bits_of(zeros, word), bits_of(blocks, word), int(beats["count"][0, 0]), word
        )
        spent = len(found) + self.slower(found) + self.settling()
        # What follows a malformed packet's elements is dropped, a word a cycle.
        spent += bad * (len(zeros) + len(blocks) + int(self.spec.block))
        return {"value": found[:, np.newaxis], "error": last_alone(len(found), bad)}, spent
