"""What Huffman codecs are: symbols, the longest code, and how a decoder looks for lengths."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from macsmith.codec.spec import CodecSpec, Decodes, Encodes
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.unit import Variants

PARALLEL, SERIAL = "parallel", "serial"
"""All lengths of codes in a cycle, or one."""


@dataclass(frozen=True, kw_only=True)
class HuffmanSpec(CodecSpec):
    """A canonical prefix code of symbols: codes of one length rise with the symbol.

    A packet whose first beat has ``table`` up loads the code: ``2 ** width`` beats, whose low four
    bits are the length of each symbol's code, 0 for a symbol without one. It is answered by one
    beat, with its error up unless the lengths are those of a complete code; it is loaded in
    ``2 ** (width + 1) + longest + 4`` cycles. Until a table is loaded all packets are malformed.

    Parameters
    ----------
    width:
        Bits of a symbol, 4 to 8.
    longest:
        Bits of the longest code, 4 to 15.
    """

    word: int = 16
    longest: int = 15

    def check_format(self) -> None:
        check_int("width", self.width, range(4, 9))
        check_int("longest", self.longest, range(4, 16))

    @property
    def most_bits(self) -> int:
        return self.longest

    @property
    def settling(self) -> int:
        return 4

    @property
    def most_quiet(self) -> int:
        return int(2**self.width + self.longest + self.settling + 3)

    @property
    def element_fields(self) -> Mapping[str, int]:
        return {**super().element_fields, "table": 1}

    @property
    def coded_fields(self) -> Mapping[str, int]:
        return {**super().coded_fields, "table": 1}

    @classmethod
    def mutated(cls) -> Variants:
        return {("", "default"): {"width": 4, "longest": 4, "word": 5, "count_width": 5}}

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", "default"): {},
            ("", "few symbols"): {"width": 4, "longest": 7, "word": 7, "count_width": 7},
            ("", "wide words"): {"width": 6, "longest": 12, "word": 64},
        }


class HuffmanEncoderSpec(Encodes, HuffmanSpec):
    """See `HuffmanSpec`."""

    summary: ClassVar[str] = "canonical Huffman encoder, its table loaded at run time"


@dataclass(frozen=True, kw_only=True)
class SearchingSpec(HuffmanSpec):
    """A code, and how its codes are found again.

    Parameters
    ----------
    search:
        ``parallel``: a symbol a cycle; ``serial``: a bit a cycle, for fewer gates. A serial decoder
        loads a table in ``2 ** width + longest * (2 ** width + 3) + 4`` cycles.
    """

    search: str = PARALLEL

    def check_format(self) -> None:
        super().check_format()
        check_choice("search", self.search, (PARALLEL, SERIAL))

    @property
    def most_quiet(self) -> int:
        if self.search == PARALLEL:
            return super().most_quiet
        return int(self.longest * (2**self.width + 3) + self.settling + 3)

    @classmethod
    def mutated(cls) -> Variants:
        (small,) = super().mutated().values()
        return {("", "default"): small, ("", "serial"): {**small, "search": SERIAL}}

    @classmethod
    def variants(cls) -> Variants:
        few = super().variants()["", "few symbols"]
        return {
            **super().variants(),
            ("", "serial"): {"search": SERIAL},
            ("", "serial, few symbols"): {**few, "search": SERIAL},
        }


class HuffmanDecoderSpec(Decodes, SearchingSpec):
    """See `SearchingSpec`."""

    summary: ClassVar[str] = "canonical Huffman decoder, its table loaded at run time"
