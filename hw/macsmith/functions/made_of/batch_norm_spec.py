"""What a batch-normalisation unit is: a format, lanes of a beat, what is added to a variance."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.number_format import NumberFormat, number_format
from macsmith.contract.stream import Field, Layout
from macsmith.contract.unit import DEFAULT, NamedPoint, UnitSpec, Variants
from macsmith.functions.fit.searched_shapes import table_of
from macsmith.functions.fit.table import Table
from macsmith.functions.fit.targets import ReciprocalRoot
from macsmith.functions.made_of.softmax_spec import MORE
from macsmith.functions.spec import ADDERS, FRACTION_BITS, check_degree, check_format

CHANNEL = ("mean", "variance", "gamma", "beta")
"""What a beat brings of its channel."""


@dataclass(frozen=True, kw_only=True)
class BatchNormSpec(UnitSpec):
    """Batch normalisation, ``gamma (x - mean) / sqrt(variance + 2^epsilon) + beta``.

    A beat brings values of one channel and the channel's four numbers. A result is within 1.5 last
    places of float64's, of the greater of the result, ``beta`` and what that is added to.

    Parameters
    ----------
    format:
        A floating-point format with a sign, a negative zero and 2 to 23 fraction bits.
    lanes:
        Values of a beat, 1 to 32.
    epsilon:
        The exponent of 2 that is added to the variance, -60 to 0.
    degree:
        Of the polynomials, 1 to 3; from 2 for more than 12 fraction bits.
    adder, arith, compressor:
        As of MACs: carry network, heap or operators, what reduces tall columns.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "batch normalisation, by a table of reciprocal square roots"
    operation: ClassVar[str] = "value"

    format: str = "fp16"
    lanes: int = 4
    epsilon: int = -17
    degree: int = 2
    adder: str = "auto"
    arith: str = "heap"
    compressor: str = "3:2"

    def __post_init__(self) -> None:
        check_int("lanes", self.lanes, range(1, 33))
        check_int("epsilon", self.epsilon, range(-60, 1))
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
        """Fraction bits of what lies within."""
        return self.fmt.fraction_bits + MORE

    @property
    def guard(self) -> int:
        """Bits that sums keep below the longer significand."""
        return self.bits + 3

    @cached_property
    def roots(self) -> Table:
        """The table of reciprocal square roots."""
        table = table_of("rsqrt", ReciprocalRoot(self.bits), self.degree)
        assert table is not None
        return table

    def operations(self, point: NamedPoint) -> int:
        return self.lanes

    def latency(self, point: NamedPoint) -> int:
        return 8 + self.degree

    @property
    def input_struct(self) -> data.StructLayout:
        """Values ``x``, lane 0 lowest, and the numbers of their channel."""
        width = self.fmt.width
        return data.StructLayout({"x": self.lanes * width, **dict.fromkeys(CHANNEL, width)})

    @property
    def output_struct(self) -> data.StructLayout:
        """Results ``y``, and of each whether it is ``undefined``.

        That is so where the variance is below zero, or a number that it is made of is NaN or
        infinite; its code is NaN.
        """
        return data.StructLayout({"y": self.lanes * self.fmt.width, "undefined": self.lanes})

    def inputs(self, point: NamedPoint) -> Mapping[str, Layout]:
        width, kind = self.fmt.width, f"code/{self.fmt}"
        fields = [Field("x", 0, width, self.lanes, format=kind)]
        for name in CHANNEL:
            fields.append(Field(name, fields[-1].offset + fields[-1].width, width, format=kind))
        return {"i": Layout(self.input_struct.size, tuple(fields))}

    def outputs(self, point: NamedPoint) -> Mapping[str, Layout]:
        y = Field("y", 0, self.fmt.width, self.lanes, format=f"code/{self.fmt}")
        undefined = Field("undefined", y.width, 1, self.lanes)
        return {"o": Layout(y.width + self.lanes, (y, undefined))}

    def facts(self, point: NamedPoint) -> Mapping[str, Any]:
        return {"rom_bits": self.roots.rom_bits}

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}

    @classmethod
    def mutated(cls) -> Variants:
        return {("", DEFAULT): {"format": "e4m3", "lanes": 1, "epsilon": -6}}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "BF16, a large epsilon": {"format": "bf16", "epsilon": -10},
    "DLFloat16, one lane": {"format": "dlfloat16", "lanes": 1},
    "FP32": {"format": "fp32", "lanes": 1, "degree": 3},
    "FP8": {"format": "e4m3", "lanes": 2, "epsilon": -6},
    "degree 3": {"degree": 3, "format": "bf16", "lanes": 1},
    "operators": {"arith": "operators", "lanes": 1},
}
"""Parameters of variants by kind."""
