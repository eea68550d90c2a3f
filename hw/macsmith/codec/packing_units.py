"""Packer and unpacker as units: fields without gaps in words, and fields of one width again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from amaranth import Module, Signal
from amaranth.lib import data

from macsmith.codec.decoder import Decoder, Element, Window
from macsmith.codec.packer import Packer, field_layout, packed_layout
from macsmith.codec.spec import Decodes
from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.contract.stream import LAST, Layout, layout_of
from macsmith.contract.unit import UnitSpec, Variants


@dataclass(frozen=True, kw_only=True)
class PackerSpec(UnitSpec):
    """A packer of fields of any length; see `macsmith.codec.packer.Packer`.

    Parameters
    ----------
    word:
        Bits of a word, 2 to 64.
    most_bits:
        Bits of the longest field, 1 to ``word``.
    tag:
        Bits that go with a packet, such as a count, 1 to 32.
    """

    word: int = 32
    most_bits: int = 16
    tag: int = 16

    summary: ClassVar[str] = "packer: fields of any length, in words without gaps"
    operation: ClassVar[str] = "field"

    def __post_init__(self) -> None:
        check_int("word", self.word, range(2, 65))
        check_int("most_bits", self.most_bits, range(1, 65))
        check_int("tag", self.tag, range(1, 33))
        if self.most_bits > self.word:
            raise UserError(
                f"most_bits must be at most {self.word}, the bits of a word, "
                f"not {self.most_bits}; the nearest is {self.word}"
            )

    settling: ClassVar[int] = 2
    most_quiet: ClassVar[int] = 5

    def operations(self, point: Any) -> int:
        return 1

    def latency(self, point: Any) -> int:
        return 1

    @property
    def input_layout(self) -> data.StructLayout:
        """See `field_layout`."""
        return field_layout(self.most_bits, self.tag)

    @property
    def output_layout(self) -> data.StructLayout:
        """See `packed_layout`."""
        return packed_layout(self.word, self.tag)

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        return {"i": layout_of(self.input_layout, roles={"last": LAST})}

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        return {"o": layout_of(self.output_layout, roles={"last": LAST})}

    @classmethod
    def mutated(cls) -> Variants:
        return {("", "default"): {"word": 4, "most_bits": 3, "tag": 2}}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "whole words"): {"word": 7, "most_bits": 7, "tag": 1},
            ("", "wide"): {"word": 64, "most_bits": 64, "tag": 32},
        }


def packer_of(spec: PackerSpec) -> Packer:
    """Return the packer of a specification."""
    return Packer(spec.word, spec.most_bits, spec.tag)


@dataclass(frozen=True, kw_only=True)
class UnpackerSpec(Decodes):
    """Fields of ``width`` bits from words without gaps, which need not be multiples of them.

    See `CodecSpec` for the parameters.
    """

    summary: ClassVar[str] = "unpacker: fields of one width, from words without gaps"
    operation: ClassVar[str] = "field"

    @property
    def most_bits(self) -> int:
        return self.width

    @classmethod
    def mutated(cls) -> Variants:
        return {("", "default"): {"width": 2, "word": 3, "count_width": 2}}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "across words"): {"width": 5, "word": 7, "count_width": 7},
            ("", "wide"): {"width": 16, "word": 64},
        }


class Unpacker(Decoder):
    """A field a cycle; see `Decoder`."""

    def decode(self, m: Module, window: Window) -> Element:
        width = Signal(range(self.spec.width + 1))
        m.d.comb += width.eq(self.spec.width)
        return Element(value=window.bits, need=width, length=width, bad=~window.left.any())
