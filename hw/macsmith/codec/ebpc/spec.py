"""What the codec of bit planes is: its parameters, and its words of two strings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.codec.spec import CodecSpec, Decodes, Encodes
from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.contract.stream import Layout
from macsmith.contract.unit import Variants

RUN_BITS = 4
"""Bits of a number of zeros, less one."""

ZERO_FIELD = RUN_BITS + 2
"""The most bits that one element takes of the string of zeros: a run, and what ends it."""


@dataclass(frozen=True, kw_only=True)
class EbpcSpec(CodecSpec):
    """Two strings: where the zeros are, and blocks of what is not zero by planes of differences.

    A block is a sequence of items: its first value, and ``width + 1`` planes of the differences
    between neighbours, the lowest bit's first; ``planes`` items a cycle. So a block takes
    `steps` cycles, no more than it has values by default. Cavigelli et al., "EBPC" (IEEE JETCAS
    2019).

    Parameters
    ----------
    block:
        Values of a block: 4, 8 or 16.
    planes:
        Items a cycle, 1 or 2; with 1 the unit is smaller and slower.
    """

    word: int = 16
    block: int = 8
    planes: int = 2

    def check_format(self) -> None:
        check_int("planes", self.planes, range(1, 3))
        if self.block not in (4, 8, 16):
            nearest = min((4, 8, 16), key=lambda one: abs(one - self.block))
            raise UserError(f"block must be 4, 8 or 16, not {self.block}; the nearest is {nearest}")

    @property
    def place_bits(self) -> int:
        """Bits of the place of a one in a plane."""
        return (self.block - 1).bit_length()

    @property
    def zeros_bits(self) -> int:
        """Bits of a number of planes of zeros, less two."""
        return (self.width - 1).bit_length()

    @property
    def plane_bits(self) -> int:
        """The most bits of a plane's code."""
        return max(self.block, 5 + self.place_bits, 3 + self.zeros_bits)

    @property
    def lead(self) -> int:
        """Items before the first plane: the first value, and, so that a step has two, nothing."""
        return 2 if self.planes == 2 and self.width % 2 else 1

    @property
    def steps(self) -> int:
        """Cycles of a block."""
        return -(-(self.width + 1 + self.lead) // self.planes)

    @property
    def most_bits(self) -> int:
        first = self.width + (self.plane_bits if self.planes > self.lead else 0)
        return max(first, self.planes * self.plane_bits)

    @property
    def settling(self) -> int:
        return self.block + self.steps + 6

    @classmethod
    def mutated(cls) -> Variants:
        small = {"width": 2, "block": 4, "count_width": 2}
        return {
            ("", "default"): {**small, "planes": 1, "word": 7},
            ("", "two planes a cycle"): {**small, "word": 14},
        }

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "a plane a cycle"): {"planes": 1, "word": 8},
            ("", "small"): {"width": 3, "block": 4, "word": 14, "count_width": 6},
            ("", "long blocks"): {"width": 16, "block": 16, "word": 64},
        }


class EbpcEncoderSpec(Encodes, EbpcSpec):
    """See `EbpcSpec`."""

    summary: ClassVar[str] = "EBPC encoder: zeros' runs, and planes of differences"

    def latency(self, point: Any) -> int:
        return 3

    @property
    def encoded_layout(self) -> data.StructLayout:
        """Layout of a word that an encoder gives: see `CodecSpec.encoded_layout`, and

        Members
        -------
        blocks
            Whether the word is one of the string of blocks, else of that of zeros.
        """
        return data.StructLayout(
            {"word": self.word, "blocks": 1, "last": 1, "count": self.count_width, "error": 1}
        )


class EbpcDecoderSpec(Decodes, EbpcSpec):
    """See `EbpcSpec`."""

    summary: ClassVar[str] = "EBPC decoder: zeros' runs, and planes of differences"

    @property
    def block_layout(self) -> data.StructLayout:
        """Layout of a word of the string of blocks."""
        return data.StructLayout({"block_word": self.word, "last": 1})

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        """Return the streams of both strings' words; the count comes with the first of zeros."""
        return {
            "i_zeros": self.streamed(self.coded_layout),
            "i_blocks": self.streamed(self.block_layout),
        }
