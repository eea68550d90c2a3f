"""What a dot product with binary weights is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from macsmith.compact.stream_dot.integers import check_operand, ends, product_ends
from macsmith.compact.stream_dot.parts import FLAG, Part, Parts, Total
from macsmith.compact.stream_dot.spec import StreamDotSpec
from macsmith.contract.checks import check_choice
from macsmith.contract.errors import UserError
from macsmith.contract.unit import DEFAULT, Variants

BITS = ("bipolar", "binary")
"""What a bit of a weight means: 1 and -1, or 1 and 0."""

ACTS = ("bipolar", "integer")
"""What activations are: bits for 1 and -1, or whole numbers, those of one bit 1 and 0."""

TAILS = ("none", "count", "mask")
"""How beats that are not full are told: not at all, by how many lanes count, or lane by lane."""

OUTPUTS = ("sum", "threshold")
"""What a packet gives: its sum, or whether it reaches a threshold."""


@dataclass(frozen=True, kw_only=True)
class XnorSpec(StreamDotSpec):
    """Dot products with binary weights: XNOR and a count of ones.

    Of bipolar operands with n lanes the sum is ``2 popcount(a XNOR w) - n``. Activations of k bits
    are k planes: with bipolar weights each is inverted where the weight is -1, plane b counts
    ``2^b``. Rastegari et al., "XNOR-Net" (ECCV 2016); Umuroglu et al., "FINN" (FPGA 2017).

    Parameters
    ----------
    products:
        Lanes of a beat, 8 to 1024.
    acts:
        One of `ACTS`.
    act_bits, act_signed:
        Of whole numbers, 1 to 8 bits; a sign takes two at least. Of bipolar ones 1 bit.
    weights:
        One of `BITS`.
    tail:
        ``count``: field ``used`` tells how many lanes count, from lane 0 on. ``mask``: field
        ``mask`` has a bit for each lane.
    output:
        ``threshold``: fields ``threshold`` and ``flip`` of the last beat fold a batch
        normalisation; the result is ``(sum >= threshold) XOR flip``.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "binary weights: XNOR and a count of ones, or planes of bits"
    most_products: ClassVar[int] = 1024

    products: int = 64
    acts: str = "bipolar"
    act_bits: int = 1
    act_signed: bool = False
    weights: str = "bipolar"
    tail: str = "none"
    output: str = "sum"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.products < 8:
            raise UserError(
                f"products must be from 8 to {self.most_products}, not {self.products}; the "
                f"nearest is 8"
            )
        check_choice("acts", self.acts, ACTS)
        check_choice("weights", self.weights, BITS)
        check_choice("tail", self.tail, TAILS)
        check_choice("output", self.output, OUTPUTS)
        check_operand("act", self.act_bits, self.act_signed, range(1, 9))
        if self.acts == "bipolar" and (self.act_bits, self.act_signed) != (1, False):
            raise UserError(
                f"act_bits must be 1 without act_signed for acts=bipolar, not {self.act_bits}"
                f"{' with act_signed' * self.act_signed}; acts=integer has others"
            )
        if self.act_signed and self.act_bits == 1:
            raise UserError("act_bits must be 2 to 8 for act_signed=true, not 1")

    @cached_property
    def operands(self) -> Parts:
        """What a beat holds.

        Members
        -------
        a, w
            Lanes of activations and weights.
        used, mask
            With a tail, the lanes that count.
        """
        parts = {
            "a": Part(self.act_bits, self.products, self.act_signed),
            "w": Part(1, self.products),
        }
        if self.tail == "count":
            parts["used"] = Part(self.products.bit_length())
        if self.tail == "mask":
            parts["mask"] = Part(1, self.products)
        return parts

    @cached_property
    def closing(self) -> Parts:
        """What the last beat brings: ``threshold`` and ``flip``."""
        if self.output == "sum":
            return {}
        total = self.totals["sum"].shape
        return {"threshold": Part(total.width, signed=total.signed), "flip": Part(1)}

    @cached_property
    def totals(self) -> Mapping[str, Total]:
        acts = (-1, 1) if self.acts == "bipolar" else ends(self.act_bits, self.act_signed)
        weights = (-1, 1) if self.weights == "bipolar" else (0, 1)
        least, greatest = product_ends(acts, weights)
        total = Total(self.products * least, self.products * greatest, self.headroom)
        return {"sum": total, "error": FLAG} if self.tail == "count" else {"sum": total}

    @cached_property
    def results(self) -> Parts:
        """What a packet gives.

        Members
        -------
        sum, bit
            The sum, or whether it reaches the threshold.
        error
            With ``tail=count``, whether ``used`` was more than all lanes; then all count.
        """
        found = {name: self.total_part(name) for name in self.totals}
        if self.output == "sum":
            return found
        del found["sum"]
        return {"bit": Part(1), **found}

    @property
    def closing_stages(self) -> int:
        return int(self.output == "threshold")

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "eight lanes": {"products": 8},
    "odd lanes, used": {"products": 13, "tail": "count"},
    "mask, threshold": {"products": 16, "tail": "mask", "output": "threshold"},
    "1024 lanes": {"products": 1024, "headroom": 4},
    "binary": {"products": 16, "acts": "integer", "weights": "binary", "output": "threshold"},
    "planes": {"products": 16, "acts": "integer", "act_bits": 4, "tail": "mask"},
    "signed planes": {"products": 9, "acts": "integer", "act_bits": 3, "act_signed": True,
                      "tail": "count"},
    "signed planes, binary": {"products": 8, "acts": "integer", "act_bits": 8, "act_signed": True,
                              "weights": "binary"},
    "bipolar by binary": {"products": 8, "weights": "binary", "tail": "mask"},
    "operators": {"products": 16, "arith": "operators"},
}  # fmt: skip
"""Parameters of variants by kind."""
