"""What a dot product with ternary weights is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from macsmith.compact.stream_dot.integers import check_operand, check_sum, ends
from macsmith.compact.stream_dot.parts import FLAG, Part, Parts, Total
from macsmith.compact.stream_dot.spec import StreamDotSpec
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.unit import DEFAULT, Variants

ACTS = ("trits", "integer")
"""What activations are."""

PACKINGS = ("two-bit", "five-trits")
"""How ternary numbers are stored: two bits each, or five to a byte."""

SCALES = ("one", "two-sums", "two")
"""Whether -1 and 1 have the same scale, or sums of their own, or those and scales of their own."""

TRITS = 5
"""Ternary numbers of a byte."""


@dataclass(frozen=True, kw_only=True)
class TernarySpec(StreamDotSpec):
    """Dot products with ternary weights, which add, subtract, or leave out.

    Two bits are a number in two's complement: 00 is 0, 01 is 1, 11 is -1, and 10 means nothing. A
    byte of five is ``sum of (t_i + 1) 3^i``, and 243 to 255 mean nothing. What means nothing is 0,
    and raises the result's ``error``. With two scales, weights are Wp and -Wn in place of 1 and
    -1: ``Wp P - Wn N``, where P and N are the sums of the activations whose weights are 1 and -1.
    Li et al., "Ternary weight networks" (2016); Zhu et al., "Trained ternary quantization" (ICLR
    2017).

    Parameters
    ----------
    products:
        Products of a beat, 1 to 320; of five trits a byte, a multiple of 5.
    acts:
        One of `ACTS`.
    act_bits, act_signed:
        Of whole numbers, 2 to 16 bits.
    packing:
        One of `PACKINGS`, of weights and of ternary activations.
    scales:
        ``one``: a sum. ``two-sums``: results ``positive`` and ``negative``, P and N. ``two``: the
        last beat brings Wp and Wn, and the result is reckoned.
    scale_bits:
        Of Wp and Wn, which have no sign, 1 to 16.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "ternary weights: add, subtract or leave out"
    most_products: ClassVar[int] = 320

    products: int = 10
    acts: str = "trits"
    act_bits: int = 8
    act_signed: bool = False
    packing: str = "two-bit"
    scales: str = "one"
    scale_bits: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("acts", self.acts, ACTS)
        check_choice("packing", self.packing, PACKINGS)
        check_choice("scales", self.scales, SCALES)
        check_operand("act", self.act_bits, self.act_signed)
        check_int("scale_bits", self.scale_bits, range(1, 17))
        if self.packing == "five-trits" and self.products % TRITS:
            near = max(TRITS, round(self.products / TRITS) * TRITS)
            raise UserError(
                f"products must be a multiple of {TRITS} for packing=five-trits, not "
                f"{self.products}; the nearest is {near}"
            )
        check_sum(max(part.bits for part in self.results.values()), "act_bits and headroom")

    def _codes(self) -> Part:
        if self.packing == "five-trits":
            return Part(8, self.products // TRITS)
        return Part(2, self.products)

    @cached_property
    def operands(self) -> Parts:
        """What a beat holds: activations ``a`` and weights ``w``, as numbers or as codes."""
        if self.acts == "trits":
            return {"a": self._codes(), "w": self._codes()}
        return {"a": Part(self.act_bits, self.products, self.act_signed), "w": self._codes()}

    @cached_property
    def closing(self) -> Parts:
        """What the last beat brings: with two scales, ``scale_p`` and ``scale_n``."""
        if self.scales != "two":
            return {}
        return {"scale_p": Part(self.scale_bits), "scale_n": Part(self.scale_bits)}

    @cached_property
    def totals(self) -> Mapping[str, Total]:
        least, greatest = (-1, 1) if self.acts == "trits" else ends(self.act_bits, self.act_signed)
        if self.scales == "one":
            most = self.products * max(-least, greatest)
            return {"sum": Total(-most, most, self.headroom), "error": FLAG}
        one = Total(self.products * least, self.products * greatest, self.headroom)
        return {"positive": one, "negative": one, "error": FLAG}

    @cached_property
    def results(self) -> Parts:
        """What a packet gives.

        Members
        -------
        sum, positive, negative
            The sum, or those of either kind of weights.
        error
            Whether a code meant nothing.
        """
        if self.scales != "two":
            return {name: self.total_part(name) for name in self.totals}
        shape = self.totals["positive"].shape
        bits = shape.width + (not shape.signed) + self.scale_bits + 1
        return {"sum": Part(bits, signed=True), "error": Part(1)}

    @property
    def closing_stages(self) -> int:
        return int(self.scales == "two")

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "one product": {"products": 1},
    "five trits": {"packing": "five-trits", "products": 5},
    "five trits, integers": {"packing": "five-trits", "acts": "integer", "scales": "two"},
    "integers": {"products": 4, "acts": "integer"},
    "signed integers": {"products": 3, "acts": "integer", "act_bits": 4, "act_signed": True},
    "two sums": {"products": 4, "scales": "two-sums"},
    "two scales": {"products": 2, "acts": "integer", "scales": "two", "act_bits": 4},
    "two scales, signed": {"products": 3, "acts": "integer", "act_signed": True, "scales": "two"},
    "two scales, ternary": {"scales": "two", "scale_bits": 4, "packing": "five-trits"},
    "320 lanes": {"products": 320},
    "operators": {"arith": "operators"},
}
"""Parameters of variants by kind."""
