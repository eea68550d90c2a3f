"""Pairs of zeros and a value: run-length coding, and the entries of compressed sparse columns."""

from dataclasses import dataclass
from typing import ClassVar

from amaranth import Cat, Module, Mux, Signal, Value

from macsmith.codec.decoder import Decoder, Element, Window
from macsmith.codec.encoder import PlainEncoder
from macsmith.codec.spec import CodecSpec, Decodes, Encodes
from macsmith.contract.checks import check_flag, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.unit import Variants


@dataclass(frozen=True, kw_only=True)
class PairSpec(CodecSpec):
    """Pairs ``(run, level)``: so many zeros, then a value. A run of ``2 ** index`` zeros is
    ``(2 ** index - 1, 0)``.

    Parameters
    ----------
    index:
        Bits of a run, 1 to 8.
    """

    index: int = 4

    def check_format(self) -> None:
        check_int("index", self.index, range(1, 9))

    @property
    def most_bits(self) -> int:
        return self.index + self.width


@dataclass(frozen=True, kw_only=True)
class RlcSpec(PairSpec):
    """Run-length coding of the Eyeriss chip: three pairs of 5 and 16 bits and an end in 64 bits.

    Zeros at the end of a packet are a pair whose value is the last of them. Chen, Krishna, Emer and
    Sze, IEEE JSSC 2017; the order of bits is not printed there: the first pair is highest.

    Parameters
    ----------
    end_bit:
        Whether a word holds whole pairs, and its lowest bit is 1 in a packet's last.
    """

    width: int = 16
    word: int = 64
    index: int = 5
    end_bit: bool = True

    trailing: ClassVar[bool] = True

    def check_format(self) -> None:
        super().check_format()
        check_flag("end_bit", self.end_bit)
        if self.end_bit and (self.word - 1) % self.most_bits:
            fits = 1 + self.most_bits * max(1, self.word // self.most_bits)
            raise UserError(
                f"word must be 1 more than pairs of {self.most_bits} bits if end_bit = True, "
                f"not {self.word}; the nearest is {fits}"
            )

    @property
    def end_bits(self) -> int:
        return int(self.end_bit)

    @classmethod
    def mutated(cls) -> Variants:
        return {("", "default"): {"width": 2, "index": 1, "word": 4, "count_width": 2}}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "without gaps"): {"width": 8, "index": 3, "word": 32, "end_bit": False},
            ("", "short runs"): {
                "width": 2, "index": 1, "word": 3, "end_bit": False, "count_width": 7,
            },
            ("", "one pair"): {"width": 5, "index": 2, "word": 8},
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CscSpec(PairSpec):
    """Entries of a compressed sparse column with relative indices: zeros before, and a value.

    A packet is a column, or a row of CSR. After ``2 ** index - 1`` zeros comes an entry of value 0,
    the padding; fewer zeros at the end are not stored. Han et al., "EIE" (ISCA 2016).
    """

    width: int = 4
    word: int = 64

    trailing: ClassVar[bool] = False

    @classmethod
    def mutated(cls) -> Variants:
        return {("", "default"): {"width": 2, "index": 1, "word": 3, "count_width": 2}}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "wide"): {"width": 16, "index": 8, "word": 24},
            ("", "short runs"): {"width": 3, "index": 1, "word": 5, "count_width": 7},
        }


class RlcEncoderSpec(Encodes, RlcSpec):
    """See `RlcSpec`."""

    summary: ClassVar[str] = "run-length encoder: zeros and a value, in Eyeriss's words"


class RlcDecoderSpec(Decodes, RlcSpec):
    """See `RlcSpec`."""

    summary: ClassVar[str] = "run-length decoder: zeros and a value, in Eyeriss's words"


class CscEncoderSpec(Encodes, CscSpec):
    """See `CscSpec`."""

    summary: ClassVar[str] = "encoder of sparse columns: values, zeros before each"


class CscDecoderSpec(Decodes, CscSpec):
    """See `CscSpec`."""

    summary: ClassVar[str] = "decoder of sparse columns: values, zeros before each"


class PairEncoder(PlainEncoder):
    """Zeros are counted, and leave with what is not zero, or when they are too many.

    One element a cycle; see `Encoder`.
    """

    def field(self, m: Module, taken: Value) -> tuple[Value, Value]:
        value, last, spec = self.i.payload.value, self.i.payload.last, self.spec
        run = Signal(spec.index)
        leaves = Signal()
        m.d.comb += leaves.eq(value.any() | run.all() | (last if spec.trailing else 0))
        with m.If(taken):
            m.d.sync += run.eq(Mux(leaves | last, 0, run + 1))
        pair = Cat(value, run)
        return Mux(leaves, pair, 0), Mux(leaves, len(pair), 0)


class PairDecoder(Decoder):
    """The zeros of a pair are told before its value; one element a cycle; see `Decoder`.

    More zeros than there are elements are malformed, and so is a value of 0 that is neither after
    the longest run nor, where zeros at the end are stored, the last element.
    """

    def decode(self, m: Module, window: Window) -> Element:
        spec = self.spec
        run, level = window.bits[spec.width :], window.bits[: spec.width]
        told = Signal(spec.index)
        between = Signal()
        tail = Signal()
        m.d.comb += [
            between.eq(told != run),
            tail.eq(0 if spec.trailing else window.padding & (window.left < 2**spec.index)),
        ]
        with m.If(window.clear):
            m.d.sync += told.eq(0)
        with m.Elif(window.step & ~tail):
            m.d.sync += told.eq(Mux(between, told + 1, 0))
        stored = (run + 1 == window.left) if spec.trailing else 0
        wrong = (run >= window.left) | ~(level.any() | run.all() | stored)
        size = Signal(range(spec.most_bits + 1))
        m.d.comb += size.eq(Mux(tail, 0, spec.most_bits))
        return Element(
            value=Mux(between | tail, 0, level), need=size, length=Mux(between, 0, size),
            bad=~told.any() & ~tail & wrong,
        )  # fmt: skip
