"""One-dimensional divide and conquer, sum together: the weight alone is cut."""

from dataclasses import dataclass

from macsmith.mac.dnc_2d_st import Dnc2dSt, Dnc2dStSpec


@dataclass(frozen=True, kw_only=True)
class Dnc1dStSpec(Dnc2dStSpec):
    """Add/shift gating of one operand: ``2^levels`` bricks of a whole activation by a digit.

    Each halving of the weight doubles the operand pairs whose products are summed; narrow
    activations are gated to their lanes' top bits.
    Camus et al. (JETCAS 2019), "1D D&C ST".
    """

    summary = "whole activations times weight digits, shifted and added; the weight scales"
    cut_widths = ("weight_width",)


class Dnc1dSt(Dnc2dSt):
    """Core of the one-dimensional divide-and-conquer MAC."""
