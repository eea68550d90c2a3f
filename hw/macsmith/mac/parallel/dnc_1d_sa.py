"""One-dimensional divide and conquer, sum apart: one activation meets every weight."""

from dataclasses import dataclass

from macsmith.mac.parallel.dnc_2d_sa import Dnc2dSa, Dnc2dSaSpec


@dataclass(frozen=True, kw_only=True)
class Dnc1dSaSpec(Dnc2dSaSpec):
    """Weight pieces share one activation, and have an accumulator each.

    Narrow activations are gated to the top bits of the whole.
    DNPU, Shin et al. (ISSCC 2017); Camus et al. (JETCAS 2019), "1D D&C SA".
    """

    summary = "whole activations times weight digits, an accumulator for every weight"
    cut_widths = ("weight_width",)


class Dnc1dSa(Dnc2dSa):
    """Core of the one-dimensional divide-and-conquer MAC with sums apart."""
