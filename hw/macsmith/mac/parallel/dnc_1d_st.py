"""One-dimensional divide and conquer, sum together: the weight alone is cut."""

from dataclasses import dataclass

from macsmith.contract.modes import Mode
from macsmith.mac.parallel.brick_groups import Brick
from macsmith.mac.parallel.brick_placement import DigitProduct, row_base, row_job
from macsmith.mac.parallel.dnc_2d_st import Dnc2dSt, Dnc2dStSpec


@dataclass(frozen=True, kw_only=True)
class Dnc1dStSpec(Dnc2dStSpec):
    """Add/shift gating of one operand: ``2^levels`` bricks of a whole activation by a digit.

    Each halving of the weight doubles the operand pairs whose products are summed; narrow
    activations are gated to their lanes' top bits.
    Camus et al. (JETCAS 2019), "1D D&C ST".
    """

    summary = "whole activations times weight digits, shifted and added; the weight scales"
    cut_widths = ("weight_width",)

    def base_digits(self, mode: Mode) -> tuple[int, int]:
        return 0, row_base(self.levels, self.weight_level(mode))

    def job(self, brick: Brick, mode: Mode) -> DigitProduct:
        return row_job(self.levels, self.weight_level(mode), brick[1])


class Dnc1dSt(Dnc2dSt):
    """Core of the one-dimensional divide-and-conquer MAC."""
