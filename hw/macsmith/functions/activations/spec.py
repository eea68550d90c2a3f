"""What a unit of an activation is: a table over ranges of magnitudes, and how fine it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from macsmith.contract.errors import UserError
from macsmith.contract.unit import NamedPoint, Variants
from macsmith.functions.exponentials import Factor
from macsmith.functions.fit.exact_values import constant
from macsmith.functions.fit.range_targets import OverRanges, Sigmoid, TailRatio, TanhRatio
from macsmith.functions.fit.searched_shapes import table_of
from macsmith.functions.fit.table import Table
from macsmith.functions.fit.targets import Power, Target
from macsmith.functions.spec import FRACTION_BITS, FunctionSpec, check_format

NARROW = 10
"""Fraction bits of formats for which four ranges are enough."""


@dataclass(frozen=True, kw_only=True)
class ActivationSpec(FunctionSpec):
    """One of them."""

    ratio: ClassVar[type[OverRanges]]
    """What its table holds."""

    finer: ClassVar[int] = 4
    """Bits by which tables are finer than a result."""

    def __post_init__(self) -> None:
        check_format(self.format, FRACTION_BITS)
        if self.fmt.fraction_bits > NARROW and self.degree in (1, 2):
            raise UserError(
                f"degree must be 3 for formats of more than {NARROW} fraction bits, not "
                f"{self.degree}"
            )
        super().__post_init__()

    @classmethod
    def variants(cls) -> Variants:
        found = super().variants()
        return {
            key: one for key, one in found.items() if one.get("format") != "fp32" or "degree" in one
        }

    @property
    def bits(self) -> int:
        """Fraction bits of tables."""
        return self.fmt.fraction_bits + self.finer

    @property
    def first(self) -> int:
        """The first range of magnitudes ends at ``2^first``."""
        return 0

    @property
    def range_bits(self) -> int:
        """Bits of the number of ranges."""
        return 2 if self.fmt.fraction_bits <= NARROW else 3

    @property
    def limit(self) -> int:
        """Magnitudes from ``2^limit`` up are in no range."""
        return self.first + (1 << self.range_bits) - 1

    @property
    def target(self) -> Target:
        return self.ratio(self.bits, self.bits + 2, self.range_bits, self.first)

    @property
    def table_name(self) -> str:
        return f"{self.function} below {1 << self.limit}"


@dataclass(frozen=True, kw_only=True)
class TanhSpec(ActivationSpec):
    __doc__ = FunctionSpec.__doc__

    summary: ClassVar[str] = "hyperbolic tangent, faithful, by piecewise polynomials"
    function = "tanh"
    ratio = TanhRatio
    finer = 3

    @property
    def stages_beside(self) -> int:
        return 4


class TailSpec(ActivationSpec):
    """A function that falls as a power of e does: by a table of such powers and one of ratios."""

    squares: ClassVar[bool]
    """Whether the power is that of half the square, and the result is a share of the argument."""

    @cached_property
    def powers(self) -> Table:
        """The table of powers of two."""
        table = table_of("exp", Power(self.bits, self.factor.fraction, True), self.degree)
        assert table is not None
        return table

    @cached_property
    def factor(self) -> Factor:
        """What makes exponents of two of magnitudes, or of squares."""
        fraction = self.bits + 3
        integer = 2 * self.limit if self.squares else self.integer
        bits = fraction + integer + 2
        return Factor(constant("log2e", bits), bits + self.squares, integer, fraction)

    @property
    def integer(self) -> int:
        """Powers of magnitudes of ``2^integer`` and more are zero."""
        return max(2, 3 - self.fmt.lsb).bit_length()

    @property
    def shared_bits(self) -> int:
        """Fraction bits of what is rounded."""
        return self.bits + 2

    def facts(self, point: NamedPoint) -> Mapping[str, Any]:
        found = super().facts(point)
        return {**found, "rom_bits": found["rom_bits"] + self.powers.rom_bits}


@dataclass(frozen=True, kw_only=True)
class SigmoidSpec(TailSpec):
    __doc__ = FunctionSpec.__doc__

    summary: ClassVar[str] = "1 / (1 + e^-x), faithful, by piecewise polynomials"
    function = "sigmoid"
    ratio = Sigmoid
    squares = False

    @property
    def first(self) -> int:
        return int(self.fmt.fraction_bits <= NARROW)

    @property
    def stages_beside(self) -> int:
        return 6


@dataclass(frozen=True, kw_only=True)
class GeluSpec(TailSpec):
    __doc__ = FunctionSpec.__doc__

    summary: ClassVar[str] = "x times the normal share below x, faithful, by polynomials"
    function = "gelu"
    ratio = TailRatio
    squares = True

    @property
    def first(self) -> int:
        """0 where what lies beyond 8 is no number of the format."""
        return int(-self.fmt.lsb > _WITHIN_8)

    @property
    def range_bits(self) -> int:
        """Four ranges, for what lies beyond the last is no number of any format."""
        return 2

    @property
    def stages_beside(self) -> int:
        return 8


_WITHIN_8 = 40
"""Beyond 8 a normal share is below this power of a half, and so is 8 times it."""
