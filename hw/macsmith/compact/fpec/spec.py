"""What a dot product of fixed point with error compensation is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, ClassVar

from macsmith.compact.stream_dot.parts import FLAG, Part, Parts, Total
from macsmith.compact.stream_dot.spec import StreamDotSpec
from macsmith.contract.checks import check_choice, check_flag, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.unit import DEFAULT, Variants

COMPENSATIONS = ("cycle", "end", "selective", "none")
"""When errors are made good; ``none`` is plain fixed point."""

COUNT_BITS = 16
"""Bits of the count of terms, which wraps."""


@dataclass(frozen=True, kw_only=True)
class FpecSpec(StreamDotSpec):
    """Dot products of fixed point with error compensation.

    A code holds, from the top, a quantised number q, a bit EZ, a bit ED and ``magnitude_bits`` bits
    EM. It stands for ``q + d``, with the unit L of q::

        d = 0                                              if EZ = 1
        d = (-1)^ED (EM + 1) L / 2^(magnitude_bits + 1)    if EZ = 0

    A beat adds ``qa qw + qa dw + qw da`` for each lane; ``da dw`` is left out, or kept with
    ``error_product``. Jain et al., "Compensated-DNN" (DAC 2018).

    Parameters
    ----------
    products:
        Products of a beat, 1 to 64.
    act_integer_bits, weight_integer_bits:
        Of q without its sign, 0 to 15.
    act_fraction_bits, weight_fraction_bits:
        Of q, 0 to 15; a q has 1 to 16 bits, its sign included.
    act_signed, weight_signed:
        Two's complement if true, else unsigned.
    magnitude_bits:
        Bits of EM, 0 to 2.
    compensation:
        ``cycle``: errors are added with their products. ``end``: they have an accumulator of their
        own, and one addition when the packet ends. ``selective``: a beat brings products, or one
        term of a list, so that only terms that are needed take a cycle. ``none``: plain fixed
        point, codes are q alone.
    error_product:
        Whether ``da dw`` is kept, so that sums are exact.
    block:
        With ``selective``, beats of products that a list of terms is for, 1 to 64.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "fixed point with compensation of quantisation errors"

    act_integer_bits: int = 2
    act_fraction_bits: int = 4
    act_signed: bool = False
    weight_integer_bits: int = 0
    weight_fraction_bits: int = 5
    weight_signed: bool = True
    magnitude_bits: int = 0
    compensation: str = "cycle"
    error_product: bool = False
    block: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("compensation", self.compensation, COMPENSATIONS)
        check_int("magnitude_bits", self.magnitude_bits, range(3))
        check_int("block", self.block, range(1, 65))
        check_flag("error_product", self.error_product)
        for side in ("act", "weight"):
            check_flag(f"{side}_signed", getattr(self, f"{side}_signed"))
            for kind in ("integer", "fraction"):
                name = f"{side}_{kind}_bits"
                check_int(name, getattr(self, name), range(16))
            width = self.width(side)
            if not 1 <= width <= 16:
                raise UserError(
                    f"{side}_integer_bits and {side}_fraction_bits must leave 1 to 16 bits with "
                    f"the sign, not {width}"
                )
        if self.error_product and self.compensation in ("none", "selective"):
            raise UserError(
                f"error_product must be false for compensation={self.compensation}, which has no "
                f"pairs of errors, not true; cycle and end have them"
            )
        if self.selective and self.block * self.products > 1024:
            raise UserError(
                f"block must be at most {1024 // self.products} for {self.products} products, as a "
                f"list is for at most 1024 of them, not {self.block}"
            )

    @property
    def selective(self) -> bool:
        """Whether terms are beats of their own."""
        return self.compensation == "selective"

    @property
    def compensates(self) -> bool:
        """Whether there are errors at all."""
        return self.compensation != "none"

    def signed(self, side: str) -> bool:
        """Return whether the operands of a side have a sign."""
        found: bool = getattr(self, f"{side}_signed")
        return found

    def width(self, side: str) -> int:
        """Return the bits of q."""
        fraction: int = getattr(self, f"{side}_fraction_bits")
        integer: int = getattr(self, f"{side}_integer_bits")
        return fraction + integer + self.signed(side)

    @property
    def error_bits(self) -> int:
        """Bits of a code below q."""
        return 2 + self.magnitude_bits

    @property
    def error_place(self) -> int:
        """Of how many bits a unit of q counts the units of an error."""
        return 1 + self.magnitude_bits

    @property
    def sum_fraction_bits(self) -> int:
        """Fraction bits of a sum."""
        pairs = self.act_fraction_bits + self.weight_fraction_bits
        places = self.compensates + self.error_product
        return pairs + places * self.error_place

    @property
    def index_bits(self) -> int:
        """Bits of the place of a product in its block."""
        return max(1, (self.block * self.products - 1).bit_length())

    @cached_property
    def operands(self) -> Parts:
        """What a beat holds.

        Members
        -------
        a, w
            Codes, or plain numbers q with ``selective`` and ``none``.
        term
            With ``selective``, whether the beat brings a term in place of products.
        index, of_weight, minus, magnitude
            The term: the place of the product in its block; whether the error is that of the
            weight, so that the activation is multiplied; ED and EM.
        """
        if not self.compensates or self.selective:
            parts = {
                name: Part(self.width(side), self.products, self.signed(side))
                for name, side in (("a", "act"), ("w", "weight"))
            }
        else:
            parts = {
                name: Part(self.width(side) + self.error_bits, self.products)
                for name, side in (("a", "act"), ("w", "weight"))
            }
        if self.selective:
            parts |= {"term": Part(1), "index": Part(self.index_bits), "of_weight": Part(1)}
            parts["minus"] = Part(1)
            if self.magnitude_bits:
                parts["magnitude"] = Part(self.magnitude_bits)
        return parts

    @property
    def rests(self) -> Mapping[str, str]:
        return {"a": "term", "w": "term"} if self.selective else {}

    def _ends(self, side: str) -> tuple[int, int]:
        width = self.width(side)
        return (
            (-1 << width - 1, (1 << width - 1) - 1) if self.signed(side) else (0, (1 << width) - 1)
        )

    @property
    def _corners(self) -> list[tuple[int, int, int, int]]:
        """Ends of both q, in units of q, and of both errors, in those of errors."""
        error = (-1 << self.magnitude_bits, 1 << self.magnitude_bits)
        return list(product(self._ends("act"), self._ends("weight"), error, error))

    @cached_property
    def totals(self) -> Mapping[str, Total]:
        """Accumulators: ``sum``, or ``main`` and ``errors`` where they are added at the end."""
        place, both = self.error_place, self.error_product
        if not self.compensates:
            return {"sum": self._total([a * w for a, w, _, _ in self._corners])}
        main = [(a * w) << place * (1 + both) for a, w, _, _ in self._corners]
        more = [
            ((a * dw + w * da) << place * both) + da * dw * both for a, w, da, dw in self._corners
        ]
        if self.compensation == "end":
            plain = [a * w for a, w, _, _ in self._corners]
            return {"main": self._total(plain), "errors": self._total(more)}
        if self.compensation == "cycle":
            return {
                "sum": self._total([one + other for one, other in zip(main, more, strict=True)])
            }
        one = [q * d for a, w, d, _ in self._corners for q in (a, w)]
        ends = [self.products * end for end in main]
        return {
            "sum": Total(min(ends + one), max(ends + one), self.headroom),
            "count": Total(0, 1, COUNT_BITS - 1),
            "error": FLAG,
        }

    def _total(self, ends: list[int]) -> Total:
        return Total(self.products * min(ends), self.products * max(ends), self.headroom)

    @cached_property
    def results(self) -> Parts:
        """What a packet gives.

        Members
        -------
        sum
            In units of ``2^-sum_fraction_bits``.
        count
            With ``selective``, terms that were added, modulo 2^16.
        error
            With ``selective``, whether a term named a product that its block has not.
        """
        if self.compensation == "end":
            # The greater of both accumulators in the sum's units, and a bit for their addition.
            place = self.error_place * (1 + self.error_product)
            shapes = {name: total.shape for name, total in self.totals.items()}
            bits = 1 + max(shapes["main"].width + place, shapes["errors"].width)
            return {"sum": Part(bits, signed=True)}
        return {name: self.total_part(name) for name in self.totals}

    @property
    def closing_stages(self) -> int:
        return int(self.compensation == "end")

    def facts(self, point: Any) -> Mapping[str, Any]:
        return {"sum_fraction_bits": self.sum_fraction_bits}

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "two magnitude bits": {"magnitude_bits": 2, "products": 3},
    "exact": {"magnitude_bits": 1, "error_product": True, "products": 2},
    "unsigned": {"weight_signed": False, "magnitude_bits": 1},
    "operators": {"arith": "operators", "products": 4},
    "at the end": {"compensation": "end", "products": 4},
    "at the end, exact": {"compensation": "end", "error_product": True, "magnitude_bits": 1},
    "selective": {"compensation": "selective", "products": 4, "magnitude_bits": 1},
    "selective, odd block": {"compensation": "selective", "products": 3, "block": 5},
    "selective, one product": {"compensation": "selective", "block": 1, "magnitude_bits": 2},
    "plain": {"compensation": "none", "products": 4},
}
"""Parameters of variants by kind."""
