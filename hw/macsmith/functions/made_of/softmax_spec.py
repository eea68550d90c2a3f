"""What a softmax unit is: a format, the elements of a beat, the range of arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.number_format import NumberFormat, number_format
from macsmith.contract.stream import Field, Layout
from macsmith.contract.unit import DEFAULT, NamedPoint, UnitSpec, Variants
from macsmith.functions.fit.exact_values import constant
from macsmith.functions.fit.searched_shapes import table_of
from macsmith.functions.fit.table import Table
from macsmith.functions.fit.targets import Power, Reciprocal
from macsmith.functions.spec import ADDERS, FRACTION_BITS, check_degree, check_format

MORE = 3
"""Fraction bits by which what lies within is finer than a result."""


@dataclass(frozen=True, kw_only=True)
class SoftmaxSpec(UnitSpec):
    """Softmax of the elements of a beat, ``e^(x_i - max) / sum of e^(x_j - max)``, a beat a cycle.

    Elements become fixed point, cut toward zero, with ``integer_bits`` bits above the point; those
    beyond count as the greatest. A result is within 1.75 last places of float64's for elements
    within that range. Minus infinity gives zero, so that elements can be left out; NaN, plus
    infinity, or nothing but minus infinities make all results NaN.

    Parameters
    ----------
    format:
        A floating-point format with a sign, a negative zero and 2 to 23 fraction bits.
    elements:
        Of a beat, 2 to 32.
    integer_bits:
        Of an element's magnitude in fixed point, 3 to 12.
    degree:
        Of the polynomials, 1 to 3; from 2 for more than 12 fraction bits.
    adder, arith, compressor:
        As of MACs: carry network, heap or operators, what reduces tall columns.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "softmax of the elements of a beat, by powers and a reciprocal"
    operation: ClassVar[str] = "element"

    format: str = "fp16"
    elements: int = 8
    integer_bits: int = 6
    degree: int = 2
    adder: str = "auto"
    arith: str = "heap"
    compressor: str = "3:2"

    def __post_init__(self) -> None:
        check_int("elements", self.elements, range(2, 33))
        check_int("integer_bits", self.integer_bits, range(3, 13))
        for name, allowed in {
            "arith": ("heap", "operators"), "compressor": ("3:2", "4:2"), "adder": ADDERS,
        }.items():  # fmt: skip
            check_choice(name, getattr(self, name), allowed)
        check_format(self.format, FRACTION_BITS)
        check_degree(self.degree, self.format, self.bits)

    @cached_property
    def fmt(self) -> NumberFormat:
        """The format."""
        return number_format(self.format)

    @property
    def bits(self) -> int:
        """Fraction bits of powers and of the reciprocal."""
        return self.fmt.fraction_bits + MORE

    @property
    def fraction(self) -> int:
        """Bits below the point of elements, and of arguments of powers of two."""
        return self.bits + 3

    @property
    def factor_bits(self) -> int:
        """Bits of ``log2 e`` below the point."""
        return self.fraction + self.integer_bits + 3

    @property
    def factor(self) -> int:
        """``log2 e`` in units of ``2^-factor_bits``."""
        return constant("log2e", self.factor_bits)

    @property
    def sum_bits(self) -> int:
        """Bits of a power below the point as they are added."""
        return self.bits + 2 + (self.elements - 1).bit_length()

    @cached_property
    def powers(self) -> Table:
        """The table of powers of two."""
        table = table_of("exp", Power(self.bits, self.fraction, True), self.degree)
        assert table is not None
        return table

    @cached_property
    def reciprocals(self) -> Table:
        """The table of reciprocals."""
        table = table_of("reciprocal", Reciprocal(self.bits), self.degree)
        assert table is not None
        return table

    def operations(self, point: NamedPoint) -> int:
        return self.elements

    def latency(self, point: NamedPoint) -> int:
        return 10 + 2 * self.degree

    @property
    def input_struct(self) -> data.StructLayout:
        """Elements ``x``, element 0 lowest."""
        return data.StructLayout({"x": self.elements * self.fmt.width})

    @property
    def output_struct(self) -> data.StructLayout:
        """Results ``y``, and whether the beat is ``undefined``: whether these are NaN."""
        return data.StructLayout({"y": self.elements * self.fmt.width, "undefined": 1})

    def inputs(self, point: NamedPoint) -> Mapping[str, Layout]:
        field = Field("x", 0, self.fmt.width, self.elements, format=f"code/{self.fmt}")
        return {"i": Layout(field.width, (field,))}

    def outputs(self, point: NamedPoint) -> Mapping[str, Layout]:
        y = Field("y", 0, self.fmt.width, self.elements, format=f"code/{self.fmt}")
        return {"o": Layout(y.width + 1, (y, Field("undefined", y.width, 1)))}

    def facts(self, point: NamedPoint) -> Mapping[str, Any]:
        return {"rom_bits": self.powers.rom_bits + self.reciprocals.rom_bits}

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}

    @classmethod
    def mutated(cls) -> Variants:
        return {("", DEFAULT): {"format": "e4m3", "elements": 2, "integer_bits": 4}}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "BF16, 16 elements": {"format": "bf16", "elements": 16},
    "DLFloat16, 3 elements": {"format": "dlfloat16", "elements": 3, "integer_bits": 9},
    "FP32": {"format": "fp32", "elements": 4, "degree": 3},
    "FP8": {"format": "e4m3", "elements": 32, "integer_bits": 8},
    "degree 3": {"degree": 3, "format": "bf16", "elements": 2},
    "operators": {"arith": "operators", "elements": 2},
}
"""Parameters of variants by kind."""
