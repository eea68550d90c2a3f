"""What a converter is: two formats, and how numbers are rounded to the second."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.number_format import ROUNDINGS, NumberFormat, number_format
from macsmith.contract.stream import Field, Layout
from macsmith.contract.unit import DEFAULT, NamedPoint, UnitSpec, Variants
from macsmith.fp.dot.points import NAMED, BlockScale, dot_point

OVERFLOWS = ("special", "saturate")
"""What is beyond the greatest number: infinity or NaN where the format has them; that number."""

SCALE_RULES = ("floor", "ceil", "rceil", "even")
"""How the scale of a block follows from its greatest magnitude."""


@dataclass(frozen=True)
class Side:
    """What a side of a converter carries.

    Members
    -------
    format
        Of an element; of fixed point ``signed`` whole numbers.
    scale
        What blocks share, if they share anything.
    fixed
        Whether elements are fixed point, of ``bits`` bits of which ``point`` are a fraction.
    """

    format: NumberFormat | None
    scale: BlockScale | None = None
    bits: int = 0
    point: int = 0

    @property
    def width(self) -> int:
        """Bits of an element."""
        return self.format.width if self.format is not None else self.bits


@dataclass(frozen=True, kw_only=True)
class FpConvertSpec(UnitSpec):
    """Numbers of one format as numbers of another, a beat of lanes a cycle.

    To blocks of MX a scale is chosen from their greatest magnitude ``a``, with ``m`` the greatest
    number of the element's format and ``2^e`` the power of two in it:

        floor   2^(floor(log2 a) - e)        ceil    2^(ceil(log2 a) - e)
        rceil   2^ceil(log2(a / m))          even    floor, of a rounded to the element's fraction

    It is from 2^-127 to 2^127; a block with NaN or infinity has NaN as its scale and zeros.

    To blocks of NVFP4 it is ``a / 6`` as a number of E4M3, at most 448: ``floor`` the next below,
    ``ceil`` and ``rceil`` the next above, ``even`` the nearest. The scale of a tensor, which its
    numbers are divided by before, is none of the unit's. Where the scale is zero elements are.

    Parameters
    ----------
    source:
        A format, a format of MX blocks, ``nvfp4``, or fixed point such as ``fix32.18``: 32 bits,
        two's complement, 18 of them a fraction; 2 to 64 bits.
    target:
        A format, a format of MX blocks, or ``nvfp4``.
    lanes:
        Elements of a beat, 1 to 64; of blocks a multiple of theirs.
    rounding:
        ``nearest-even``, ``ties-away`` or ``toward-zero``.
    overflow:
        One of `OVERFLOWS`; formats without NaN and infinity always saturate.
    scale_rule:
        One of `SCALE_RULES`, for blocks.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "numbers of one format as those of another, alone or in blocks"
    operation: ClassVar[str] = "element"

    source: str = "fp32"
    target: str = "e4m3fn"
    lanes: int = 4
    rounding: str = "nearest-even"
    overflow: str = "special"
    scale_rule: str = "floor"

    def __post_init__(self) -> None:
        check_int("lanes", self.lanes, range(1, 65))
        check_choice("rounding", self.rounding, ROUNDINGS[:3])
        check_choice("overflow", self.overflow, OVERFLOWS)
        check_choice("scale_rule", self.scale_rule, SCALE_RULES)
        for name in ("source", "target"):
            side = _side(name, getattr(self, name))
            if side.scale is not None and self.lanes % side.scale.block:
                raise UserError(
                    f"lanes must be a multiple of {side.scale.block} for blocks of "
                    f"{getattr(self, name)}, not {self.lanes}"
                )
        if self.to.format is None:
            raise UserError(f"target must be a format, not {self.target}, which is fixed point")
        if self.to.scale is not None and not _ordered(self.of):
            raise UserError(
                f"source must be a floating-point format with a negative zero for blocks of "
                f"{self.target}, not {self.source}"
            )

    @cached_property
    def of(self) -> Side:
        """What comes in."""
        return _side("source", self.source)

    @cached_property
    def to(self) -> Side:
        """What goes out."""
        return _side("target", self.target)

    @property
    def beyond(self) -> int:
        """The code of what is greater than all numbers of the target, without sign."""
        fmt = self.to.format
        assert fmt is not None
        if self.overflow == "saturate" or (fmt.infinity is None and fmt.nan is None):
            return fmt.greatest
        return fmt.infinity if fmt.infinity is not None else fmt.nan or 0

    def operations(self, point: NamedPoint) -> int:
        return self.lanes

    def latency(self, point: NamedPoint) -> int:
        return 1 if self.to.scale is None else 2

    def _struct(self, side: Side) -> data.StructLayout:
        fields = {"x": self.lanes * side.width}
        if side.scale is not None:
            fields["scale"] = self.lanes // side.scale.block * side.scale.format.width
        return data.StructLayout(fields)

    @property
    def input_struct(self) -> data.StructLayout:
        """Elements ``x``, lane 0 lowest, and the ``scale`` of each block."""
        return self._struct(self.of)

    @property
    def output_struct(self) -> data.StructLayout:
        """The same of the target, as ``y`` and ``scale``."""
        found = self._struct(self.to)
        names = {"x": "y", "scale": "scale_y"}
        return data.StructLayout({names[name]: shape for name, shape in found.members.items()})

    def _layout(self, side: Side, struct: data.StructLayout) -> Layout:
        fields = []
        for name, (_, part) in zip(struct.members, struct, strict=True):
            if name in ("x", "y"):
                fixed = side.format is None
                kind = "integer" if fixed else f"code/{side.format}"
                fields.append(
                    Field(name, part.offset, side.width, self.lanes, signed=fixed, format=kind)
                )
            else:
                lanes = part.width // 8
                fields.append(Field(name, part.offset, 8, lanes, format="code/scale"))
        return Layout(struct.size, tuple(fields))

    def inputs(self, point: NamedPoint) -> Mapping[str, Layout]:
        return {"i": self._layout(self.of, self.input_struct)}

    def outputs(self, point: NamedPoint) -> Mapping[str, Layout]:
        return {"o": self._layout(self.to, self.output_struct)}

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "BF16 to FP8, saturating": {"source": "bf16", "target": "e5m2", "overflow": "saturate"},
    "fixed point to FP16": {"source": "fix32.18", "target": "fp16", "rounding": "ties-away"},
    "FP8 to BF16": {"source": "e4m3fn", "target": "bf16", "lanes": 2},
    "FP16 to integers": {"source": "fp16", "target": "int8", "rounding": "toward-zero"},
    "to DLFloat16": {"target": "dlfloat16", "rounding": "ties-away", "lanes": 1},
    "to MXFP4": {"source": "bf16", "target": "mxfp4", "lanes": 32},
    "to MXFP8": {"source": "bf16", "target": "mxfp8", "lanes": 32, "scale_rule": "rceil"},
    "to MXINT8": {"source": "fp16", "target": "mxint8", "lanes": 32, "scale_rule": "even"},
    "to NVFP4": {"source": "bf16", "target": "nvfp4", "lanes": 16, "scale_rule": "even"},
    "to NVFP4, none clipped": {"target": "nvfp4", "lanes": 16, "scale_rule": "rceil"},
    "from NVFP4": {"source": "nvfp4", "target": "bf16", "lanes": 16},
    "from MXFP6": {"source": "mxfp6-e2m3", "target": "bf16", "lanes": 32},
}
"""Parameters of variants by kind."""


def _ordered(side: Side) -> bool:
    """Return whether numbers come alone, and the greatest code without sign is the greatest."""
    fmt = side.format
    if fmt is None or side.scale is not None:
        return False
    return not fmt.integer and fmt.negative_zero == "zero"


def _side(name: str, text: str) -> Side:
    """Return what a side carries, or raise a sentence."""
    if text in NAMED or text.startswith(("mx-", "nv-")):
        point = dot_point(text)
        ours = point.scale is not None and (point.scale.name == "mx" or text == "nvfp4")
        if point.a != point.b or not ours:
            raise UserError(f"{name} must be a format, or one of blocks of MX or nvfp4, not {text}")
        return Side(point.a, point.scale)
    if found := re.fullmatch(r"fix(\d{1,2})\.(\d{1,2})", text):
        bits, point_bits = int(found[1]), int(found[2])
        check_int(f"bits of {name}", bits, range(2, 65))
        check_int(f"fraction bits of {name}", point_bits, range(bits))
        return Side(None, bits=bits, point=point_bits)
    fmt = number_format(text)
    if not fmt.signed:
        raise UserError(f"{name} must be a format with a sign, not {text}")
    return Side(fmt)
