"""What a processing element for floating point and integers is: formats, ratio, streams."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.stream import LAST, POINT, Field, Layout
from macsmith.contract.unit import DEFAULT, UnitSpec, Variants
from macsmith.fp.dot.points import DotPoint, dot_point
from macsmith.fp.dot.spec import FpDotSpec

WIDE = ("dlfloat16", "fp16")
"""Formats of 16 bits, and of their sums."""

RATIOS = (1, 2, 4, 8)
"""Products of INT4 for each of FP8."""

INTEGERS = ("int4", "int2")
"""What integers there are; twice as many products of the second."""

NARROW_SLOTS = 2
"""Products of narrow formats for one of the wide one."""

NIBBLE = 4
"""Bits of a digit of the array of significands: of one operand of INT4."""

ACC_BITS = 16
"""Bits of every accumulator."""


@dataclass(frozen=True, kw_only=True)
class FpIntSpec(UnitSpec):
    """Lanes of floating point and of integers, as the 7 nm processor's element has them.

    Each lane adds to an accumulator of 16 bits a cycle: one product of 16-bit numbers; two of 8-bit
    numbers; ``2 ratio`` of INT4; or ``4 ratio`` of INT2. Floating-point products are those of
    `fp-dot` in a window, their sum joined by the accumulator as if exactly and rounded once; of
    one product that is a fused multiply-add. Integers wrap (Agrawal et al., ISSCC 2021;
    Venkataramani et al., ISCA 2021).

    Parameters
    ----------
    lanes:
        Accumulators, 1 to 8; the published element has 8.
    ratio:
        Products of INT4 for each of 8-bit floating point, 1, 2, 4 or 8; the published one has 4.
    wide:
        The 16-bit format, one of `WIDE`, also of the sums.
    narrow:
        A format of 5 to 8 bits, or two with an x between them; significands of at most 4 bits.
    fraction_bits:
        Of the window, from those of a product of ``wide`` to 48.
    rounding:
        ``nearest-even``, ``ties-away`` or ``toward-zero``.
    adder, arith, compressor:
        As of `fp-dot`.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    operation: ClassVar[str] = "MAC"

    lanes: int = 1
    ratio: int = 4
    wide: str = "dlfloat16"
    narrow: str = "hfp8-fwdxhfp8-bwd"
    fraction_bits: int = 20
    rounding: str = "nearest-even"
    adder: str = "auto"
    arith: str = "heap"
    compressor: str = "3:2"

    def __post_init__(self) -> None:
        check_int("lanes", self.lanes, range(1, 9))
        if self.ratio not in RATIOS:
            raise UserError(f"ratio must be 1, 2, 4 or 8, not {self.ratio}")
        check_choice("wide", self.wide, WIDE)
        narrow = dot_point(self.narrow)
        if narrow.scale is not None or narrow.a.integer or narrow.b.integer:
            raise UserError(f"narrow must be of floating-point formats, not {self.narrow}")
        if (
            self.dot.slots(narrow) != NARROW_SLOTS
            or max(narrow.a.significand_bits, narrow.b.significand_bits) > NIBBLE
        ):
            raise UserError(
                f"narrow must be of formats of 5 to 8 bits with significands of at most {NIBBLE}, "
                f"of which a lane takes {NARROW_SLOTS}, not {self.narrow}"
            )
        (wide, *_) = self.dot.points
        check_int("fraction_bits", self.fraction_bits, range(2 * wide.a.fraction_bits, 49))

    @cached_property
    def dot(self) -> FpDotSpec:
        """What a lane computes of floating point."""
        return FpDotSpec(
            products=1, formats=(self.wide, self.narrow), alignment="window", order="late",
            fraction_bits=self.fraction_bits, acc=self.wide, rounding=self.rounding,
            adder=self.adder, arith=self.arith, compressor=self.compressor,
        )  # fmt: skip

    @property
    def bricks(self) -> int:
        """Multipliers of 4 by 4 bits that a lane has for integers."""
        return 2 * self.ratio

    @property
    def int_bits(self) -> int:
        """Operand bits of a lane for integers."""
        return NIBBLE * self.bricks

    @property
    def sum_bits(self) -> int:
        """Bits of a beat's sum of integers in two's complement; INT2's counts in quarters."""
        return (self.bricks << 2 * (NIBBLE - 1)).bit_length() + 1

    @cached_property
    def points(self) -> tuple[DotPoint, ...]:
        """The 16-bit format, the 8-bit ones, INT4, INT2."""
        return (*self.dot.points, *map(dot_point, INTEGERS))

    def per_lane(self, point: DotPoint) -> int:
        """Return the products of a lane in a cycle."""
        if point.a.integer:
            return self.int_bits // point.a.width
        return self.dot.products_at(point)

    def operations(self, point: DotPoint) -> int:
        return self.lanes * self.per_lane(point)

    def latency(self, point: DotPoint) -> int:
        return 3

    @cached_property
    def input_struct(self) -> data.StructLayout:
        """Layout of an input beat.

        Members
        -------
        a, b
            Numbers, those of lane 0 lowest, packed at the widths of the point's formats.
        point
            Index of the formats, with the first beat.
        last
            Whether a beat ends its packet.
        """
        bits = self.lanes * max(self.dot.a_width, self.int_bits)
        return data.StructLayout(
            {"a": bits, "b": bits, "point": range(len(self.points)), "last": 1}
        )

    @cached_property
    def output_struct(self) -> data.StructLayout:
        """Layout of a result: the ``sum`` of each lane, a code or a whole number."""
        return data.StructLayout({"sum": self.lanes * ACC_BITS})

    def inputs(self, point: DotPoint) -> Mapping[str, Layout]:
        struct, count = self.input_struct, self.operations(point)
        fields = [
            Field(name, struct[name].offset, fmt.width, count, format=f"code/{fmt}")
            for name, fmt in (("a", point.a), ("b", point.b))
        ]
        fields += [
            Field("point", struct["point"].offset, struct["point"].width, role=POINT),
            Field("last", struct["last"].offset, 1, role=LAST),
        ]
        return {"i": Layout(struct.size, tuple(fields))}

    def outputs(self, point: DotPoint) -> Mapping[str, Layout]:
        whole = point.a.integer
        kind = "integer" if whole else f"code/{self.wide}"
        one = Field("sum", 0, ACC_BITS, self.lanes, signed=whole, format=kind)
        return {"o": Layout(self.output_struct.size, (one,))}

    def facts(self, point: DotPoint) -> Mapping[str, Any]:
        return {"products": self.operations(point)}

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}


class FpIntMergedSpec(FpIntSpec):
    """See `FpIntSpec`; one array of significands multiplies integers too."""

    summary = "floating point and integers in one pipeline with shared multipliers and adders"


class FpIntSeparateSpec(FpIntSpec):
    """See `FpIntSpec`; integers have a pipeline of their own."""

    summary = "floating point and integers in pipelines of their own, one of them at rest"


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "as published": {"lanes": 8},
    "as many integers": {"ratio": 1},
    "twice as many": {"ratio": 2},
    "eight times as many": {"ratio": 8},
    "FP16": {"wide": "fp16", "narrow": "e5m2xe4m3fn", "rounding": "toward-zero"},
    "a wider window": {"fraction_bits": 30, "rounding": "ties-away"},
    "operators": {"arith": "operators"},
}
"""Parameters of variants by kind."""
