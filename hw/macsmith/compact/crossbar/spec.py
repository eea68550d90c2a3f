"""What a crossbar of memory cells is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from macsmith.compact.stream_dot.integers import check_operand, check_sum
from macsmith.compact.stream_dot.parts import FLAG, Part, Parts, Total
from macsmith.compact.stream_dot.spec import StreamDotSpec
from macsmith.contract.checks import check_int
from macsmith.contract.unit import DEFAULT, Variants


@dataclass(frozen=True, kw_only=True)
class CrossbarSpec(StreamDotSpec):
    """A crossbar of memory cells in digital logic: what an analog one computes, clipping included.

    A weight is a positive and a negative part, of which one is zero, each in slices of
    ``cell_bits``. A beat brings a bit of each activation, the lowest first. In each column and
    slice the cells of the rows whose bit is 1 are added, and a converter clips the sum to
    ``adc_bits``::

        sum_j = sum over planes t, slices s of 2^(t + s cell_bits) (clip(I+) - clip(I-))

    After ``act_bits`` planes the next vector begins. Shafiee et al., "ISAAC" (ISCA 2016).

    Parameters
    ----------
    products:
        Rows, 1 to 256.
    columns:
        Columns, each a dot product, 1 to 16.
    act_bits, act_signed:
        Of activations, 1 to 8 bits; a sign takes two at least, its plane is subtracted.
    weight_bits:
        Of weights, which have a sign, 2 to 9.
    cell_bits:
        Of a cell, 1 to 4.
    adc_bits:
        Of a converter, 1 to 12; 0 for as many as need no clipping,
        ``ceil(log2(products (2^cell_bits - 1) + 1))``.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    summary: ClassVar[str] = "crossbar of memory cells: bit slices, serial inputs, clipped sums"
    operation: ClassVar[str] = "1-bit MAC"
    most_products: ClassVar[int] = 256

    products: int = 16
    columns: int = 2
    act_bits: int = 4
    act_signed: bool = False
    weight_bits: int = 4
    cell_bits: int = 2
    adc_bits: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_int("columns", self.columns, range(1, 17))
        check_operand("act", self.act_bits, self.act_signed, range(1 + self.act_signed, 9))
        check_int("weight_bits", self.weight_bits, range(2, 10))
        check_int("cell_bits", self.cell_bits, range(1, 5))
        check_int("adc_bits", self.adc_bits, range(13))
        check_sum(self.totals["sum0"].shape.width, "bits and headroom")

    @property
    def most(self) -> int:
        """The greatest sum of a column and slice."""
        return self.products * ((1 << self.cell_bits) - 1)

    @property
    def exact_adc_bits(self) -> int:
        """Bits of a converter that never clips."""
        return self.most.bit_length()

    @property
    def clip(self) -> int:
        """The greatest number that a converter gives."""
        bits = self.adc_bits or self.exact_adc_bits
        return min(self.most, (1 << bits) - 1)

    @property
    def slices(self) -> int:
        """Cells of a part of a weight."""
        return -(-self.weight_bits // self.cell_bits)

    @property
    def row_bits(self) -> int:
        """Bits of a row's number."""
        return max(1, (self.products - 1).bit_length())

    @cached_property
    def operands(self) -> Parts:
        """What a beat holds.

        Members
        -------
        bits
            A bit of each row's activation.
        load
            Whether the beat writes a row of cells in place of reading.
        row, w
            Which row, and its weights, one for each column.
        """
        return {
            "bits": Part(1, self.products),
            "load": Part(1),
            "row": Part(self.row_bits),
            "w": Part(self.weight_bits, self.columns, signed=True),
        }

    @property
    def rests(self) -> Mapping[str, str]:
        return {"bits": "load"}

    def operations(self, point: Any) -> int:
        return self.products * self.columns

    @cached_property
    def totals(self) -> Mapping[str, Total]:
        each = self.clip * sum(1 << self.cell_bits * at for at in range(self.slices))
        most = each << self.act_bits - 1
        sums = {f"sum{at}": Total(-most, most, self.headroom) for at in range(self.columns)}
        return sums | {"error": FLAG}

    @cached_property
    def results(self) -> Parts:
        """What a packet gives.

        Members
        -------
        sum
            Of each column.
        error
            Whether a row was written that there is not.
        """
        bits = self.total_part("sum0").bits
        return {"sum": Part(bits, self.columns, signed=True), "error": Part(1)}

    def facts(self, point: Any) -> Mapping[str, Any]:
        return {"exact_adc_bits": self.exact_adc_bits}

    @classmethod
    def variants(cls) -> Variants:
        return {("", kind): parameters for kind, parameters in _KINDS.items()}


_KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "clipped": {"adc_bits": 3},
    "one row": {"products": 1, "columns": 1, "act_bits": 1},
    "odd": {"products": 11, "columns": 3, "weight_bits": 5, "act_bits": 3, "act_signed": True},
    "one-bit cells": {"products": 9, "cell_bits": 1, "adc_bits": 2, "act_signed": True},
    "wide cells": {"products": 8, "cell_bits": 4, "weight_bits": 9, "act_bits": 8},
    "operators": {"products": 8, "arith": "operators", "adc_bits": 4},
}
"""Parameters of variants by kind."""
