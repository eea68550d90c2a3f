"""Structured blocks: a bit a block, and all values of the blocks that are not zero."""

from dataclasses import dataclass
from typing import Any, ClassVar

from amaranth import Cat, Module, Mux, Signal, Value

from macsmith.codec.decoder import Decoder, Element, Window
from macsmith.codec.encoder import PlainEncoder
from macsmith.codec.spec import CodecSpec, Decodes, Encodes
from macsmith.contract.checks import check_int
from macsmith.contract.unit import Variants


@dataclass(frozen=True, kw_only=True)
class BlockSpec(CodecSpec):
    """A beat is a block of values, such as a row of a square block; a zero block is one bit.

    Of blocks of which a share d is not zero, ``(1 / block + d * width) / width`` of the bits are
    left. Wen et al., "Learning structured sparsity" (NIPS 2016).

    Parameters
    ----------
    block:
        Values of a block, 2 to 16.
    """

    block: int = 4
    word: int = 64

    def check_format(self) -> None:
        check_int("block", self.block, range(2, 17))

    @property
    def lanes(self) -> int:  # type: ignore[override]
        return self.block

    @property
    def most_bits(self) -> int:
        return 1 + self.block * self.width

    @classmethod
    def mutated(cls) -> Variants:
        return {("", "default"): {"block": 2, "width": 2, "word": 5, "count_width": 2}}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "block of 8"): {"block": 8, "width": 4},
            ("", "pairs"): {"block": 2, "width": 2, "word": 5, "count_width": 6},
        }


class BlockEncoderSpec(Encodes, BlockSpec):
    """See `BlockSpec`."""

    summary: ClassVar[str] = "encoder of blocks: a bit a block, values unless all are zero"


class BlockDecoderSpec(Decodes, BlockSpec):
    """See `BlockSpec`."""

    summary: ClassVar[str] = "decoder of blocks: a bit a block, values unless all are zero"


def reversed_lanes(word: Any, width: int) -> Value:
    """Return values with the first in the highest bits, or again in the lowest."""
    return Cat(reversed([word[at : at + width] for at in range(0, len(word), width)]))


class BlockEncoder(PlainEncoder):
    """One block a cycle; see `Encoder`."""

    def field(self, m: Module, taken: Value) -> tuple[Value, Value]:
        values, kept = self.i.payload.value, Signal()
        m.d.comb += kept.eq(values.any())
        bits = Cat(reversed_lanes(values, self.spec.width), kept)
        return bits, Mux(kept, len(bits), 1)


class BlockDecoder(Decoder):
    """One block a cycle; a stored block of zeros is malformed; see `Decoder`."""

    def decode(self, m: Module, window: Window) -> Element:
        kept, values = window.bits[-1], window.bits[:-1]
        size = Signal(range(self.spec.most_bits + 1))
        m.d.comb += size.eq(Mux(kept, self.spec.most_bits, 1))
        return Element(
            value=Mux(kept, reversed_lanes(values, self.spec.width), 0),
            need=size, length=size, bad=kept & ~values.any(),
        )  # fmt: skip
