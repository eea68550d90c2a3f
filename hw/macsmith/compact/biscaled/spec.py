"""What a dot product of fixed point with two scales is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from macsmith.compact.stream_dot.integers import check_operand, check_sum, ends, product_ends
from macsmith.compact.stream_dot.parts import FLAG, Part, Parts, Total
from macsmith.compact.stream_dot.spec import StreamDotSpec
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.unit import DEFAULT, Variants

MARKS = ("mask", "list")
"""How wide elements are told: a bit with each element, or a list of their places in each block."""


@dataclass(frozen=True, kw_only=True)
class BiscaledSpec(StreamDotSpec):
    """Dot products of fixed point with two scales.

    An element is a code and whether it is wide; a wide one counts units that are ``2^step`` times
    those of a fine one. A product is ``a w 2^(wide_a act_step + wide_w weight_step)``: an array of
    one width, and a choice of at most four places. Jain et al., "BiScaled-DNN" (DAC 2019).

    Parameters
    ----------
    products:
        Products of a beat, 1 to 64.
    act_bits, weight_bits:
        Bits of a code, its sign included, 2 to 16.
    act_signed, weight_signed:
        Two's complement if true, else unsigned.
    act_step, weight_step:
        Fraction bits of fine elements less those of wide ones, 0 to 15; 0 if none are wide.
    marks:
        ``mask``: fields ``wide_a`` and ``wide_w`` have a bit for each element. ``list``: a block of
        elements begins with beats that each give the place of one wide element of either operand.
    block:
        With ``list``, elements of a block, a multiple of products to 512; blocks are counted from
        the beginning of a packet.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "fixed point with two scales, the wide one for few large elements"

    act_bits: int = 6
    act_signed: bool = False
    act_step: int = 2
    weight_bits: int = 6
    weight_signed: bool = True
    weight_step: int = 2
    marks: str = "mask"
    block: int = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        check_operand("act", self.act_bits, self.act_signed)
        check_operand("weight", self.weight_bits, self.weight_signed)
        check_int("act_step", self.act_step, range(16))
        check_int("weight_step", self.weight_step, range(16))
        check_choice("marks", self.marks, MARKS)
        check_int("block", self.block, range(1, 513))
        if self.listed and self.block % self.products:
            raise UserError(
                f"block must be a multiple of {self.products} products, not {self.block}"
            )
        if self.marks == "list" and not self.wide:
            raise UserError(
                "marks must be mask where both steps are 0 and no element is wide, not list"
            )
        check_sum(self.totals["sum"].shape.width, "bits, steps and headroom")

    @property
    def wide(self) -> tuple[str, ...]:
        """The operands that have wide elements."""
        steps = {"a": self.act_step, "w": self.weight_step}
        return tuple(name for name, step in steps.items() if step)

    @property
    def listed(self) -> bool:
        """Whether lists tell which elements are wide."""
        return self.marks == "list" and bool(self.wide)

    @property
    def place_bits(self) -> int:
        """Bits of a place in a block."""
        return max(1, (self.block - 1).bit_length())

    @cached_property
    def operands(self) -> Parts:
        """What a beat holds.

        Members
        -------
        a, w
            Codes.
        wide_a, wide_w
            With a mask, whether each is wide.
        entry
            With lists, whether the beat is an entry of one.
        has_a, place_a, has_w, place_w
            The entry: whether there is one of the operand, and the place of its wide element.
        """
        parts = {
            "a": Part(self.act_bits, self.products, self.act_signed),
            "w": Part(self.weight_bits, self.products, self.weight_signed),
        }
        if not self.listed:
            return parts | {f"wide_{name}": Part(1, self.products) for name in self.wide}
        parts["entry"] = Part(1)
        for name in self.wide:
            parts |= {f"has_{name}": Part(1), f"place_{name}": Part(self.place_bits)}
        return parts

    @property
    def rests(self) -> Mapping[str, str]:
        return {"a": "entry", "w": "entry"} if self.listed else {}

    @cached_property
    def totals(self) -> Mapping[str, Total]:
        acts, weights = (
            ends(self.act_bits, self.act_signed),
            ends(self.weight_bits, self.weight_signed),
        )
        least, greatest = product_ends(acts, weights)
        scale = self.products << self.act_step + self.weight_step
        found = {"sum": Total(least * scale, greatest * scale, self.headroom)}
        return found | {"error": FLAG} if self.listed else found

    @cached_property
    def results(self) -> Parts:
        """What a packet gives.

        Members
        -------
        sum
            In units of a product of fine elements.
        error
            With lists, whether an entry named a place that blocks have not, or came in the middle
            of a block; it is left out.
        """
        return {name: self.total_part(name) for name in self.totals}

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "four products": {"products": 4},
    "signed, unequal": {"act_signed": True, "act_bits": 5, "weight_step": 3, "products": 2},
    "weights alone are wide": {"act_step": 0, "weight_step": 4},
    "none is wide": {"act_step": 0, "weight_step": 0},
    "lists": {"marks": "list", "products": 4, "block": 16},
    "lists, odd block": {"marks": "list", "products": 3, "block": 9, "act_step": 0},
    "lists of 128": {"marks": "list"},
    "operators": {"products": 3, "arith": "operators"},
}
"""Parameters of variants by kind."""
