"""What a function unit is: a format, the degree and the segments of its polynomials."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.number_format import NumberFormat, number_format
from macsmith.contract.stream import Field, Layout
from macsmith.contract.unit import DEFAULT, NamedPoint, UnitSpec, Variants
from macsmith.functions.fit.searched_shapes import shape_of, table_of
from macsmith.functions.fit.table import Table
from macsmith.functions.fit.targets import Target

SUBNORMALS = ("kept", "flushed")
"""What becomes of numbers below the first binade: they count, or are zero, at both ends."""

OVERFLOWS = ("special", "saturate")
"""What is beyond the greatest number: infinity, or NaN where there is none; that number."""

UNDEFINED = ("nan", "zero")
"""The result where the function has none."""

FRACTION_BITS = range(2, 24)
"""Of formats that functions are built for."""

STRAIGHT = 15
"""Fraction bits up to which a result can be had of straight lines: more take thousands of them."""

ADDERS = ("auto", "ripple", "brent-kung", "sklansky", "kogge-stone")
"""Carry networks of final adders."""


def check_format(name: str, fractions: range) -> None:
    """Refuse a format that a unit of functions does not take.

    Parameters
    ----------
    fractions:
        Fraction bits that it may have.

    Raises
    ------
    UserError
        If the format is not floating point with a sign and a negative zero, or of other widths.
    """
    fmt = number_format(name)
    if fmt.integer or not fmt.signed or fmt.negative_zero == "nan":
        raise UserError(
            f"format must be floating point with a sign and a negative zero, not {name}"
        )
    check_int(f"fraction bits of {name}", fmt.fraction_bits, fractions)
    check_int(f"exponent bits of {name}", fmt.exponent_bits, range(3, 9))


def check_degree(degree: int, name: str, bits: int) -> None:
    """Refuse a degree for results of so many fraction bits, in a format of that name."""
    check_int("degree", degree, range(1, 4))
    if bits > STRAIGHT:
        check_int(f"degree for {name}", degree, range(2, 4))


@dataclass(frozen=True, kw_only=True)
class FunctionSpec(UnitSpec):
    """A function of numbers of one format, lanes of them a cycle, to the same format.

    The fraction of a number chooses a segment of a table by its highest bits, and a polynomial of
    the others gives the significand of the result (Oberman and Siu, ARITH 2005). Results are
    faithful: one of the two numbers next to the true value, which itself if it is a number.

    Parameters
    ----------
    format:
        A floating-point format with a sign, a negative zero and 2 to 23 fraction bits.
    degree:
        Of the polynomials, 1 to 3; from 2 for more than 15 fraction bits.
    segments:
        Of the table, a power of two; 0 takes the fewest that are faithful.
    lanes:
        Numbers of a beat, 1 to 16.
    subnormals:
        One of `SUBNORMALS`.
    overflow:
        One of `OVERFLOWS`; formats without NaN and infinity always saturate.
    undefined:
        One of `UNDEFINED`; zero in formats without NaN.
    adder, arith, compressor:
        As of MACs: carry network, heap or operators, what reduces tall columns.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    operation: ClassVar[str] = "function"

    function: ClassVar[str]
    """Its name."""

    format: str = "fp16"
    degree: int = 2
    segments: int = 0
    lanes: int = 1
    subnormals: str = "kept"
    overflow: str = "special"
    undefined: str = "nan"
    adder: str = "auto"
    arith: str = "heap"
    compressor: str = "3:2"

    def __post_init__(self) -> None:
        check_int("lanes", self.lanes, range(1, 17))
        for name, allowed in {
            "subnormals": SUBNORMALS, "overflow": OVERFLOWS, "undefined": UNDEFINED,
            "arith": ("heap", "operators"), "compressor": ("3:2", "4:2"), "adder": ADDERS,
        }.items():  # fmt: skip
            check_choice(name, getattr(self, name), allowed)
        check_format(self.format, FRACTION_BITS)
        check_degree(self.degree, self.format, self.fmt.fraction_bits)
        check_int("segments", self.segments, (0, *self._segments))
        if self.segments:
            # Too few are refused.
            _ = self.table

    @property
    def _segments(self) -> list[int]:
        """Numbers of segments that can be asked for."""
        target = self.target
        return [1 << bits for bits in range(target.least_index_bits, min(target.argument_bits, 13))]

    @cached_property
    def fmt(self) -> NumberFormat:
        """The format."""
        return number_format(self.format)

    @property
    @abstractmethod
    def target(self) -> Target:
        """What the table must give."""

    @property
    def table_name(self) -> str:
        """What shapes of its table are found by, beside bits and degree."""
        return self.function

    @cached_property
    def table(self) -> Table:
        """The coefficients.

        Raises
        ------
        UserError
            If there are too few segments for faithful results.
        """
        bits = self.segments.bit_length() - 1 if self.segments else None
        table = table_of(self.table_name, self.target, self.degree, bits)
        if table is None:
            least = shape_of(self.table_name, self.target, self.degree, None)
            enough = f"; {1 << least.index_bits} are enough" if least else ""
            raise UserError(
                f"segments must be more for faithful results of degree {self.degree} in "
                f"{self.format}, not {self.segments}{enough}"
            )
        return table

    @property
    def keeps_subnormals(self) -> bool:
        """Whether numbers below the first binade count."""
        return self.subnormals == "kept" and self.fmt.subnormal

    @property
    def beyond(self) -> int:
        """The code of what is greater than all numbers, without sign."""
        fmt = self.fmt
        if self.overflow == "saturate":
            return fmt.greatest
        code = fmt.infinity if fmt.infinity is not None else fmt.nan
        return fmt.greatest if code is None else code

    @property
    def nowhere(self) -> int:
        """The code of the result where the function has none."""
        return 0 if self.undefined == "zero" or self.fmt.nan is None else self.fmt.nan

    def operations(self, point: NamedPoint) -> int:
        return self.lanes

    @property
    def stages_beside(self) -> int:
        """Pipeline stages but those of the polynomial."""
        return 3

    def latency(self, point: NamedPoint) -> int:
        return self.stages_beside + self.degree

    @property
    def input_struct(self) -> data.StructLayout:
        """Numbers ``x``, lane 0 lowest."""
        return data.StructLayout({"x": self.lanes * self.fmt.width})

    @property
    def output_struct(self) -> data.StructLayout:
        """Results ``y``, and of each whether it is ``undefined``."""
        return data.StructLayout({"y": self.lanes * self.fmt.width, "undefined": self.lanes})

    def inputs(self, point: NamedPoint) -> Mapping[str, Layout]:
        kind = f"code/{self.fmt}"
        field = Field("x", 0, self.fmt.width, self.lanes, format=kind)
        return {"i": Layout(field.width, (field,))}

    def outputs(self, point: NamedPoint) -> Mapping[str, Layout]:
        y = Field("y", 0, self.fmt.width, self.lanes, format=f"code/{self.fmt}")
        undefined = Field("undefined", y.width, 1, self.lanes)
        return {"o": Layout(y.width + self.lanes, (y, undefined))}

    def facts(self, point: NamedPoint) -> Mapping[str, Any]:
        return {"segments": 1 << self.table.index_bits, "rom_bits": self.table.rom_bits}

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}

    @classmethod
    def mutated(cls) -> Variants:
        return {("", DEFAULT): {"format": "e4m3"}}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "BF16": {"format": "bf16"},
    "DLFloat16": {"format": "dlfloat16"},
    "FP32": {"format": "fp32"},
    "degree 1": {"degree": 1, "format": "bf16"},
    "degree 3": {"degree": 3},
    "FP32, degree 3": {"format": "fp32", "degree": 3},
    "flushed, saturating": {"subnormals": "flushed", "overflow": "saturate", "undefined": "zero"},
    "FP8, two lanes": {"format": "e4m3", "lanes": 2},
    "operators": {"arith": "operators"},
}
"""Parameters of variants by kind."""
