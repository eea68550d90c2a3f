"""What an AdaComp packer is: elements of a bin, bits of gradients and of residues."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_int
from macsmith.contract.stream import LAST, Layout, layout_of
from macsmith.contract.unit import DEFAULT, UnitSpec, Variants

PASSED = 3
"""Cycles from an element's transfer to the first in which it can be read again."""


@dataclass(frozen=True, kw_only=True)
class AdaCompSpec(UnitSpec):
    """A packer of gradients: of each bin it sends those that matter, and keeps residues of all.

    Chen et al., "AdaComp" (AAAI 2018). With residue r and gradient d of an element, both whole
    numbers of one unit, and g the greatest |r + d| of its bin,

        G = r + d        it is sent if |G + d| >= g, as the sign of G        s = mean of g

    and the residue is G, less s with that sign if it was sent. A zero is never sent. A packet is a
    layer, a beat an element; the last bin may be short. Since s is known only when the layer ends,
    what goes back to memory is G and whether it was sent, and the next step, which brings s with
    its first beat, takes s away before it adds: so each element passes once a step.

    Parameters
    ----------
    bin:
        Elements of a bin, 2 to 1024.
    width:
        Bits of a gradient, with its sign, 2 to 24.
    residue_width:
        Bits of a residue, with its sign, from ``width`` to 32.
    count_width:
        Bits of the number of bins of a layer, 2 to 24.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "AdaComp: sends what matters of each bin of gradients, keeps the rest"
    operation: ClassVar[str] = "element"

    bin: int = 50
    width: int = 8
    residue_width: int = 16
    count_width: int = 16

    def __post_init__(self) -> None:
        check_int("bin", self.bin, range(2, 1025))
        check_int("width", self.width, range(2, 25))
        check_int("residue_width", self.residue_width, range(max(3, self.width), 33))
        check_int("count_width", self.count_width, range(2, 25))

    @property
    def magnitude_width(self) -> int:
        """Bits of the magnitude of a residue, which has no least negative number."""
        return self.residue_width - 1

    @property
    def index_width(self) -> int:
        """Bits of a place in a bin, or of ``bin``, which stands for none."""
        return self.bin.bit_length()

    @property
    def item_width(self) -> int:
        """Bits of what is sent of an element: its place, its sign, whether its bin begins."""
        return self.index_width + 2

    @property
    def depth(self) -> int:
        """Elements that are kept: a bin, and those that come before the first of it is read."""
        return self.bin + PASSED + 1

    @property
    def open_bins(self) -> int:
        """Bins that may be under way: one read, one filled, more if bins are that short."""
        return 2 - -(PASSED + 2) // self.bin

    def operations(self, point: Any) -> int:
        return 1

    def latency(self, point: Any) -> int:
        """Return the cycles from the one element of a layer to the layer's last beat."""
        return self.residue_width + PASSED + 1

    @property
    def most_quiet(self) -> int:
        """Cycles from a packet's last beat in, or a beat out, to the next one out, at the most."""
        return self.latency(None)

    @property
    def input_layout(self) -> data.StructLayout:
        """Layout of an element.

        Members
        -------
        residue, sent
            As the step before gave them.
        gradient
            What is added.
        scale
            That step's, read with a packet's first beat.
        last
            The layer's last element.
        """
        return data.StructLayout(
            {
                "residue": self.residue_width, "sent": 1, "gradient": self.width,
                "scale": self.magnitude_width, "last": 1,
            }
        )  # fmt: skip

    @property
    def output_layout(self) -> data.StructLayout:
        """Layout of what becomes of an element, and of the beat that ends a layer.

        Members
        -------
        residue
            G, the nearest there is if it is too great; in the last beat the scale s, rounded to
            nearest.
        sent
            Whether s must be taken away from it.
        item
            Whether there is something to send: an element, or, with the last of a bin of which
            none was sent, that it is empty.
        index
            Its place in the bin, or ``bin`` if that is empty.
        negative
            Whether it counts as -s.
        first
            Whether its bin begins with it.
        error
            In the last beat: some G was too great, or there were more bins than can be counted, in
            which case the scale is 0.
        last
            An extra beat, after all elements.
        """
        return data.StructLayout(
            {
                "residue": self.residue_width, "sent": 1, "item": 1, "index": self.index_width,
                "negative": 1, "first": 1, "error": 1, "last": 1,
            }
        )  # fmt: skip

    def inputs(self, point: Any) -> Mapping[str, Layout]:
        signed = ("residue", "gradient")
        return {"i": layout_of(self.input_layout, signed=signed, roles={"last": LAST})}

    def outputs(self, point: Any) -> Mapping[str, Layout]:
        return {"o": layout_of(self.output_layout, signed=("residue",), roles={"last": LAST})}

    def facts(self, point: Any) -> Mapping[str, Any]:
        return {"item_bits": self.item_width, "memory_bits": self.depth * self.word_width}

    @property
    def word_width(self) -> int:
        """Bits of an element as it is kept: G, the gradient, and whether bin and layer end."""
        return self.residue_width + self.width + 2

    @classmethod
    def variants(cls) -> Variants:
        return {
            ("", DEFAULT): {},
            ("", "bins of 500"): {"bin": 500},
            ("", "bins of 2"): {"bin": 2, "width": 4, "residue_width": 6, "count_width": 4},
            ("", "bins of 4, few of them"): {"bin": 4, "residue_width": 8, "count_width": 2},
            ("", "wide"): {"bin": 64, "width": 24, "residue_width": 32, "count_width": 24},
        }

    @classmethod
    def mutated(cls) -> Variants:
        return {("", DEFAULT): {"bin": 2, "width": 2, "residue_width": 3, "count_width": 2}}
