"""A systolic array as a matrix multiplier: its stream unit on Verilator, one product a call."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from amaranth import Value

from macsmith.array.arrays import unit_of
from macsmith.array.spec import SystolicSpec
from macsmith.golden.array import ArrayModel
from macsmith.host.int64s import Int64s
from macsmith.matmul.tiling import Shape, Tiling
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.subject import Subject
from macsmith.rtlsim.verilated_stream import VerilatedStream


@dataclass(frozen=True, kw_only=True)
class Counters:
    """What a product cost.

    Parameters
    ----------
    shape:
        How it lay on the array.
    cycles:
        Clock cycles, from the first beat to the last column of sums, or those of a busy engine.
    peak:
        Products of dense matrices that the array does in a cycle.
    formula:
        Cycles that the documented formula gives without stalls, if it was asked.
    events:
        By how much an engine's own counters went on.
    """

    shape: Shape
    cycles: int
    peak: float
    formula: int | None = None
    events: Mapping[str, int] = field(default_factory=dict)

    @property
    def macs_per_cycle(self) -> float:
        """Products of the dense matrices a cycle: a zero counts as done where it is skipped."""
        return self.shape.macs / self.cycles

    @property
    def utilisation(self) -> float:
        """Share of the peak that was at work, 0 to 1: idle cycles and filled-up edges are not.

        Each pass of a density-bound matrix is work.
        """
        return self.shape.macs * self.shape.passes / (self.cycles * self.peak)


class MatrixArray(Protocol):
    """An array that multiplies matrices, whatever feeds it."""

    @property
    def array(self) -> Any:
        """The array."""

    def gemm(self, acts: Int64s, weights: Int64s) -> tuple[Int64s, Counters]:
        """Return ``acts (M, K) @ weights (K, N)`` as the array gives it, and what it cost."""


def stream_model(
    spec: SystolicSpec, subject: Subject | None = None, unit: Any = None
) -> VerilatedStream:
    """Return the unit of an array on Verilator, whatever its dataflow, or its RTL with faults.

    Parameters
    ----------
    unit:
        What has its streams, if it is not the unit itself.
    """
    unit = unit or unit_of(spec)
    verilog = subject.for_library("unit") if subject else to_verilog(unit, "unit")
    widths = [layout.width for layout in spec.inputs(spec.points[0]).values()]
    return VerilatedStream(
        verilog, widths[0] if len(widths) == 1 else (widths[0], widths[1]),
        len(Value.cast(unit.o.payload)), part=None if subject else "unit_pe",
        fault="fault" in unit.signature.members,
    )  # fmt: skip


class StreamArray:
    """The stream unit of an array on Verilator.

    Parameters
    ----------
    spec:
        The array.
    mode:
        Index of the mode in ``spec.points``.
    stalls:
        Share of cycles in which the sender or the receiver pauses.
    seed:
        Of the stalls.

    Raises
    ------
    UserError
        If Verilator cannot run here.
    """

    def __init__(
        self, spec: SystolicSpec, mode: int = 0, stalls: float = 0.0, seed: int = 1
    ) -> None:
        self.spec, self.mode, self.stalls, self.seed = spec, mode, stalls, seed
        self.unit = stream_model(spec)

    @property
    def array(self) -> SystolicSpec:
        """The array that multiplies."""
        return self.spec

    def build(self) -> None:
        """Compile the model, which the first product does otherwise."""
        _ = self.unit.library

    def keeping(self, act_nonzeros: int) -> "StreamArray":
        """Return the same model with beats that keep so many activations of a block.

        Raises
        ------
        UserError
            If a block has no so many.
        """
        other = copy(self)
        other.spec = replace(self.spec, act_nonzeros=act_nonzeros)
        return other

    def gemm(self, acts: Int64s, weights: Int64s) -> tuple[Int64s, Counters]:
        """See `MatrixArray.gemm`; a density-bound matrix takes as many passes as it needs."""
        tiling = Tiling(self.spec, acts, weights, self.mode)
        results, cycles = self.unit.run_timed(
            tiling.beats(), tiling.shape.tiles * self.spec.cols, self.stalls, self.seed
        )
        peak = self.spec.macs_per_cycle(self.spec.points[self.mode])
        shape = tiling.shape
        formula = ArrayModel(self.spec).cycles(shape.tiles, shape.steps)
        cost = Counters(shape=shape, cycles=cycles, peak=peak, formula=formula)
        return tiling.gather(results), cost
