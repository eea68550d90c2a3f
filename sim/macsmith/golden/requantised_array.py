"""Model of the systolic engine: the sums of its array, and its results."""

from typing import Any

from macsmith.golden.array import ArrayModel
from macsmith.golden.requantiser import requantise
from macsmith.host.int64s import Int64s


class EngineModel(ArrayModel):
    """Bit-exact model of an engine; `matmul` gives the accumulators of its array.

    Parameters
    ----------
    spec:
        The engine, or any object with its parameters: ``array``, ``out_width``, ``out_signed``.
    """

    def __init__(self, spec: Any) -> None:
        super().__init__(spec.array)
        self.out_width, self.out_signed = spec.out_width, spec.out_signed

    def results(self, acc: Int64s, bias: Int64s, mult: Int64s, shift: Int64s) -> Int64s:
        """Return accumulators (M, N) requantised, each column by its channel, shape (N,) each."""
        return requantise(acc, mult, shift, self.out_width, bias=bias, signed=self.out_signed)
