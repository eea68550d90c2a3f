"""What a floating-point dot-product unit is: its parameters, its latency, its streams."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from amaranth.lib import data

from macsmith.contract.stream import LAST, POINT, Field, Layout
from macsmith.contract.unit import Variants
from macsmith.fp.dot.design_variants import dot_variants
from macsmith.fp.dot.dot_parameters import ACCUMULATIONS, FpDotParameters
from macsmith.fp.dot.points import DotPoint

LIMB = 32
"""Bits of a lane of a raw sum."""


@dataclass(frozen=True, kw_only=True)
class FpDotSpec(FpDotParameters):
    """Dot products of floating-point formats: one bit heap for all products of a beat.

    Its parameters are those of `macsmith.fp.dot.dot_parameters.FpDotParameters`.
    """

    summary: ClassVar[str] = "dot products of floating-point formats, exact or in a window of bits"
    operation: ClassVar[str] = "MAC"

    def operations(self, point: DotPoint) -> int:
        return self.products_at(point)

    def latency(self, point: DotPoint) -> int:
        more = (
            self.scaled_point is not None,
            self.accumulate != ACCUMULATIONS[0],
            self.chunk > 0,
            self.acc != self.result_name,
        )
        return 3 + sum(more)

    @cached_property
    def input_struct(self) -> data.StructLayout:
        """Layout of an input beat.

        Members
        -------
        a, b
            Numbers, lane 0 lowest, packed at the widths of the point's formats.
        scale_a, scale_b
            Of the blocks, block 0 lowest; absent where no point has blocks.
        c
            What the accumulator starts from, with the first beat; absent without ``addend``.
        chunk
            Beats of a chunk, with the first beat, 0 for as many as there may be; absent without
            chunks.
        point
            Index of the formats, with the first beat; absent if there is one alone.
        last
            Whether a beat ends its packet.
        """
        fields: dict[str, Any] = {
            "a": self.products * self.a_width,
            "b": self.products * self.b_width,
        }
        if scales := max(map(self.blocks, self.points)):
            fields |= {"scale_a": 8 * scales, "scale_b": 8 * scales}
        if self.addend and self.acc_format is not None:
            fields["c"] = self.acc_format.width
        if self.chunk:
            fields["chunk"] = range(self.chunk + 1)
        if len(self.points) > 1:
            fields["point"] = range(len(self.points))
        return data.StructLayout(fields | {"last": 1})

    @cached_property
    def output_struct(self) -> data.StructLayout:
        """Layout of a result.

        Members
        -------
        sum
            A code of the result's format, or the raw sum, extended to whole words of 32 bits if
            it is longer than 64.
        special
            Of raw sums of formats with NaN or infinity: 0 a number, 1 NaN, 2 and 3 infinities.
        """
        if self.result_format is not None:
            return data.StructLayout({"sum": self.result_format.width})
        fields: dict[str, Any] = {"sum": self.raw_lanes * self.raw_lane_bits}
        if any(point.special for point in self.points):
            fields["special"] = 2
        return data.StructLayout(fields)

    @property
    def raw_lanes(self) -> int:
        """Lanes of a raw sum: one, or words of 32 bits."""
        return 1 if self.raw_bits <= 64 else -(-self.raw_bits // LIMB)

    @property
    def raw_lane_bits(self) -> int:
        """Bits of a lane of a raw sum."""
        return self.raw_bits if self.raw_lanes == 1 else LIMB

    def inputs(self, point: DotPoint) -> Mapping[str, Layout]:
        count, blocks = self.products_at(point), self.blocks(point)
        parts = {
            "a": (count, point.a.width, point.a.name, ""),
            "b": (count, point.b.width, point.b.name, ""),
            "scale_a": (blocks, 8, "scale", ""),
            "scale_b": (blocks, 8, "scale", ""),
            "c": (1, self.input_struct["c"].width if self.addend else 0, self.acc, ""),
            "chunk": (1, self.chunk.bit_length(), "", ""),
            "point": (1, (len(self.points) - 1).bit_length(), "", POINT),
            "last": (1, 1, "", LAST),
        }
        fields = []
        for name, (_, part) in zip(self.input_struct.members, self.input_struct, strict=True):
            lanes, bits, kind, role = parts[name]
            if lanes:
                kind = f"code/{kind}" if kind else "integer"
                fields.append(Field(name, part.offset, bits, lanes, format=kind, role=role))
        return {"i": Layout(self.input_struct.size, tuple(fields))}

    def outputs(self, point: DotPoint) -> Mapping[str, Layout]:
        layout = self.output_struct
        fmt = self.result_format
        if fmt is not None:
            total = Field("sum", 0, fmt.width, format=f"code/{fmt}")
        else:
            total = Field("sum", 0, self.raw_lane_bits, self.raw_lanes, signed=self.raw_lanes == 1)
        fields = [total]
        if "special" in layout.members:
            fields.append(Field("special", layout["special"].offset, 2))
        return {"o": Layout(layout.size, tuple(fields))}

    def facts(self, point: DotPoint) -> Mapping[str, Any]:
        sum_bits = self.grid_bits if self.alignment == "exact" else self.fraction_bits
        return {"products": self.products_at(point), f"{self.alignment}_bits": sum_bits}

    @classmethod
    def variants(cls) -> Variants:
        return dot_variants()

    def parameters(self) -> dict[str, Any]:
        return super().parameters() | {"formats": list(self.formats)}

    @classmethod
    def decoded(cls, name: str, value: Any) -> Any:
        return tuple(value) if name == "formats" else value
