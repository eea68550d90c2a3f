"""What a dot product of powers of two, or of its square root, is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from macsmith.compact.stream_dot.integers import check_operand, check_sum, ends
from macsmith.compact.stream_dot.parts import Part, Parts, Total
from macsmith.compact.stream_dot.spec import StreamDotSpec
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.unit import DEFAULT, Variants

BASES = ("two", "root-two")
"""Of what codes are powers."""

OPERANDS = ("weights", "both")
"""Which operands are logarithms."""


@dataclass(frozen=True, kw_only=True)
class LogShiftSpec(StreamDotSpec):
    """Dot products of powers of two, or of its square root: shifts in place of products.

    A logarithmic code is a sign and a number c. Zero is c = 0; else it is ``base^(c - 1)`` units.
    With base two a product is an activation that is shifted, or, of two powers, a one at a place.
    With base root-two even and odd powers have an accumulator each, so that the sum is ``even +
    odd sqrt(2)`` without error; that is worked out once, at the end. Lee et al., "LogNet" (ICASSP
    2017); Miyashita et al. (2016).

    Parameters
    ----------
    products:
        Products of a beat, 1 to 64.
    base:
        One of `BASES`.
    logs:
        One of `OPERANDS`.
    act_bits, act_signed:
        Of whole activations, 2 to 16 bits; of logarithmic ones, whether they have a sign.
    act_exponent_bits, weight_exponent_bits:
        Bits of c, 2 to 5. Weights have a sign.
    root_bits:
        Fraction bits of sqrt(2) at the end, 1 to 16; 0 gives both sums.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "powers of two or of its square root: shifts in place of products"

    base: str = "two"
    logs: str = "weights"
    act_bits: int = 8
    act_signed: bool = False
    act_exponent_bits: int = 4
    weight_exponent_bits: int = 3
    root_bits: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("base", self.base, BASES)
        check_choice("logs", self.logs, OPERANDS)
        check_operand("act", self.act_bits, self.act_signed)
        check_int("act_exponent_bits", self.act_exponent_bits, range(2, 6))
        check_int("weight_exponent_bits", self.weight_exponent_bits, range(2, 6))
        check_int("root_bits", self.root_bits, range(17))
        longest = max(part.bits for part in self.results.values())
        check_sum(longest, "act_bits, exponent bits, root_bits and headroom")

    @property
    def halves(self) -> bool:
        """Whether powers are of the square root."""
        return self.base == "root-two"

    @property
    def places(self) -> int:
        """The greatest distance that a product is shifted."""
        most = (1 << self.weight_exponent_bits) - 2
        if self.logs == "both":
            most += (1 << self.act_exponent_bits) - 2
        return most >> self.halves

    @cached_property
    def operands(self) -> Parts:
        """What a beat holds: ``a`` and ``w``; of logarithmic ones the sign is at the top."""
        weights = Part(1 + self.weight_exponent_bits, self.products)
        if self.logs == "both":
            return {
                "a": Part(self.act_signed + self.act_exponent_bits, self.products),
                "w": weights,
            }
        return {"a": Part(self.act_bits, self.products, self.act_signed), "w": weights}

    @cached_property
    def totals(self) -> Mapping[str, Total]:
        if self.logs == "both":
            most = self.products << self.places
        else:
            least, greatest = ends(self.act_bits, self.act_signed)
            most = self.products * max(-least, greatest) << self.places
        one = Total(-most, most, self.headroom)
        return {"even": one, "odd": one} if self.halves else {"sum": one}

    @cached_property
    def results(self) -> Parts:
        """What a packet gives.

        Members
        -------
        sum
            In units of the least power, or of ``2^-root_bits`` of it.
        even, odd
            Without ``root_bits``, the sum of even powers, and that of odd ones over sqrt(2).
        """
        if not self.halves or not self.root_bits:
            return {name: self.total_part(name) for name in self.totals}
        return {"sum": Part(self.total_part("even").bits + self.root_bits + 2, signed=True)}

    @property
    def closing_stages(self) -> int:
        return int(self.halves and self.root_bits > 0)

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "signed": {"products": 3, "act_signed": True, "act_bits": 5, "weight_exponent_bits": 2},
    "five bits": {"weight_exponent_bits": 4, "products": 4},
    "both": {"logs": "both", "products": 4},
    "both, signed": {"logs": "both", "act_signed": True, "weight_exponent_bits": 4},
    "root": {"base": "root-two", "products": 2, "weight_exponent_bits": 4},
    "root, signed": {"base": "root-two", "act_signed": True, "root_bits": 5},
    "root, two sums": {"base": "root-two", "root_bits": 0, "products": 3},
    "root, both": {"base": "root-two", "logs": "both", "act_signed": True, "products": 2},
    "operators": {"base": "root-two", "arith": "operators", "root_bits": 16},
}
"""Parameters of variants by kind."""
