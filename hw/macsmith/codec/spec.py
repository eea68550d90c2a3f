"""What every codec is: a width of values, a width of words, and two streams of packets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.contract.stream import LAST, Layout, layout_of
from macsmith.contract.unit import UnitSpec


@dataclass(frozen=True, kw_only=True)
class CodecSpec(UnitSpec):
    """A codec, whose encoder and decoder have the same parameters.

    A packet of elements becomes a packet of words, and back. Words are filled from their highest
    bit down, so that a packet reads as one string of bits; zeros fill up the last word. How many
    elements there are is told beside the words, with the encoder's last and the decoder's first.

    Parameters
    ----------
    width:
        Bits of a value, 2 to 16.
    word:
        Bits of a word, from `most_bits`, the most that one element can take, to 64.
    count_width:
        Bits of the number of elements, 2 to 24.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    width: int = 8
    word: int = 32
    count_width: int = 16

    operation: ClassVar[str] = "element"
    lanes: ClassVar[int] = 1

    def __post_init__(self) -> None:
        check_int("width", self.width, range(2, 17))
        self.check_format()
        check_int("word", self.word, range(2, 65))
        check_int("count_width", self.count_width, range(2, 25))
        if self.packed < self.most_bits:
            least = self.most_bits + self.end_bits
            raise UserError(
                f"word must be at least {least}, for the most bits that an element takes, "
                f"not {self.word}; the nearest is {least}"
            )

    def check_format(self) -> None:
        """Raise a sentence if a parameter of a codec's own breaks its rule."""

    @property
    def most_bits(self) -> int:
        """The most bits that go out, or come in, with one element."""
        raise NotImplementedError

    @property
    def end_bits(self) -> int:
        """Bits at the low end of a word that tell whether it is the packet's last: 0 or 1."""
        return 0

    @property
    def packed(self) -> int:
        """Bits of a word that hold elements."""
        return self.word - self.end_bits

    @property
    def settling(self) -> int:
        """Cycles that a packet may take beyond one for each of its beats of elements."""
        return 2

    @property
    def most_quiet(self) -> int:
        """Cycles from a packet's last beat in, or a beat out, to the next one out, at the most."""
        return self.settling + 3

    def operations(self, point: Any) -> int:
        return self.lanes

    # The two sides.

    @property
    def element_fields(self) -> Mapping[str, int]:
        """Fields of a beat of elements in the encoder's input, beside the end of the packet."""
        return {"value": self.width * self.lanes}

    @property
    def decoded_layout(self) -> data.StructLayout:
        """Layout of a decoded beat.

        Members
        -------
        value
            An element, or those of a block, the first lowest.
        last
            The packet's last beat.
        error
            With the last beat: the packet was malformed; drop it. Else 0.
        """
        return data.StructLayout({"value": self.width * self.lanes, "last": 1, "error": 1})

    @property
    def element_layout(self) -> data.StructLayout:
        """Layout of a beat to be encoded: an element and whether it is the packet's last."""
        return data.StructLayout({**self.element_fields, "last": 1})

    @property
    def encoded_layout(self) -> data.StructLayout:
        """Layout of a word that an encoder gives.

        Members
        -------
        word
            Bits in order from the highest down.
        last
            The packet's last word.
        count
            With the last word, the packet's beats of elements modulo ``2 ** count_width``; else 0.
        error
            With the last word: there were more beats than can be counted, or one that has no code.
        """
        return data.StructLayout(
            {"word": self.word, "last": 1, "count": self.count_width, "error": 1}
        )

    @property
    def coded_fields(self) -> Mapping[str, int]:
        """Fields of a word in the decoder's input, beside the end of the packet."""
        return {"word": self.word, "count": self.count_width}

    @property
    def coded_layout(self) -> data.StructLayout:
        """Layout of a word to be decoded; the count is read with a packet's first."""
        return data.StructLayout({**self.coded_fields, "last": 1})

    def streamed(self, layout: data.StructLayout) -> Layout:
        """Return what tools are told of a layout."""
        lanes = {"value": self.lanes}
        return layout_of(layout, lanes, roles={"last": LAST})


class Encodes(CodecSpec):
    """The encoder's side of a specification."""

    def latency(self, point: Any) -> int:
        """Return the cycles from the last element of a packet to its last word, at the least."""
        return 1

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        """Return the stream ``i`` of elements."""
        return {"i": self.streamed(self.element_layout)}

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        """Return the stream ``o`` of words."""
        return {"o": self.streamed(self.encoded_layout)}


class Decodes(CodecSpec):
    """The decoder's side of a specification."""

    def latency(self, point: Any) -> int:
        """Return the cycles from the one word of a packet of one element to that, at the least."""
        return 3

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        """Return the stream ``i`` of words."""
        return {"i": self.streamed(self.coded_layout)}

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        """Return the stream ``o`` of elements."""
        return {"o": self.streamed(self.decoded_layout)}
