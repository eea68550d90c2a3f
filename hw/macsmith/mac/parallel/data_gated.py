"""The conventional MAC: one full multiplier, narrow operands gated to its top bits."""

from collections.abc import Iterable
from dataclasses import dataclass

from amaranth import Module

from macsmith.arith.bit_heap import Rows
from macsmith.arith.partial_products import add_product
from macsmith.contract.bit_routes import Source, msb_aligned
from macsmith.contract.modes import Mode
from macsmith.mac.core import ParallelCore
from macsmith.mac.spec import MacSpec


@dataclass(frozen=True, kw_only=True)
class DataGatedSpec(MacSpec):
    """Data gating: a narrow operand is aligned to the top, its low bits are zero and do not toggle.

    One product a cycle in every mode; the result comes out shifted left by the bits left out.
    As published the registers have no clock gates; with them the accumulator's idle bits stop.
    Camus et al. (JETCAS 2019), "conventional".
    """

    clock_gating: str = "none"

    summary = "one full multiplier; narrow operands leave its low bits idle"

    def element_act_source(self, mode: Mode) -> tuple[Source, ...]:
        return msb_aligned(1, mode.act_bits, self.act_width, self.act_width)

    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        return msb_aligned(1, mode.weight_bits, self.weight_width, self.weight_width)

    def slot_source(self, mode: Mode) -> tuple[int, ...]:
        return tuple(range(self.acc_width - self.acc_bits(mode), self.acc_width))

    @property
    def sum_width(self) -> int:
        """Bits of the sum of a beat's products."""
        return self.act_width + self.weight_width + self.growth

    @property
    def product_width(self) -> int:
        return self.sum_width

    @property
    def acc_width(self) -> int:
        return self.sum_width + self.headroom

    def acc_alive(self, mode: Mode) -> Iterable[int]:
        """Return the bits of the result; those below get zeros, and may keep what they have."""
        return self.slot_source(mode)


class DataGated(ParallelCore[DataGatedSpec]):
    """Core of the conventional MAC: a Baugh-Wooley matrix in one heap."""

    def multiply(self, m: Module) -> Rows:
        heap = self.heap(m, self.spec.product_width, "pp", leaves=True)
        for act, weight in self.elements():
            add_product(
                heap,
                act,
                weight,
                act_sign=self.spec.act_signed,
                weight_sign=self.spec.weight_signed,
            )
        if self.spec.stages == 1:
            return heap.pending()
        # Up to the matrix's longest column a ripple keeps pace with the reduction.
        return heap.rows(min(self.spec.act_width, self.spec.weight_width) - 1)
