"""The systolic engine as a matrix multiplier: a product, requantised or not, is one job."""

import numpy as np

from macsmith.array.engine.register_map import Error
from macsmith.array.engine.spec import MAX_SHIFT, MULT_BITS, EngineSpec
from macsmith.contract.errors import UserError
from macsmith.formats.stream_words import operand_range
from macsmith.host.int64s import Int64s
from macsmith.matmul.engine_jobs import Channels, Job, bound_slots, dense_values
from macsmith.matmul.stream_array import Counters
from macsmith.matmul.tiling import Tiling
from macsmith.matmul.verilated_engine import library, run_jobs


class EngineArray:
    """The engine on Verilator, over its AXI4-Stream and AXI4-Lite ports.

    Parameters
    ----------
    spec:
        The engine.
    mode:
        Index of the precision in ``spec.modes``.
    stalls:
        Share of cycles in which each of its streams pauses.
    seed:
        Of the stalls.

    Raises
    ------
    UserError
        If Verilator cannot run here.
    """

    def __init__(self, spec: EngineSpec, mode: int = 0, stalls: float = 0.0, seed: int = 1) -> None:
        self.spec, self.mode, self.stalls, self.seed = spec, mode, stalls, seed

    def build(self) -> None:
        """Compile the model, which the first product does otherwise."""
        library(self.spec)

    def gemm(
        self, acts: Int64s, weights: Int64s, channels: Channels | None = None
    ) -> tuple[Int64s, Counters]:
        """Return what the engine gives for ``acts (M, K) @ weights (K, N)``, and what it cost.

        Results are requantised as ``channels`` say; without any they are the accumulators. What
        a memory cannot hold is sent again and again: see `Schedule`.

        Raises
        ------
        UserError
            If an operand or a channel does not fit, or a size is too large.
        RuntimeError
            If the engine stops with an error.
        """
        spec = self.spec
        tiling = Tiling(spec, acts, weights, self.mode)
        job = job_of(spec, tiling, channels)
        plan = job.schedule(spec)
        (result,) = run_jobs(spec, [job], stalls=(self.stalls,) * 4, seed=self.seed)
        if result.matrix is None:
            raise RuntimeError(f"the engine stopped with error {Error(result.error).name}")
        counters = Counters(
            shape=tiling.shape, cycles=result.counters["cycles"],
            peak=spec.products(spec.modes[self.mode]), formula=plan.cycles,
            events=result.counters,
        )  # fmt: skip
        return result.matrix, counters


def job_of(spec: EngineSpec, tiling: Tiling, channels: Channels | None = None) -> Job:
    """Return the job of a product whose operands are checked, weights in blocks if it has any.

    Raises
    ------
    UserError
        If a channel does not fit.
    """
    if channels is not None:
        _check_channels(spec, channels)
    blocks = tiling.encoded
    if blocks is None:
        values, places = dense_values(spec, tiling.weights, tiling.mode), None
    else:
        values = bound_slots(spec, blocks.values, 0)
        places = bound_slots(spec, blocks.places, np.arange(spec.nonzeros))
    return Job(
        acts=tiling.acts, values=values, places=places, channels=channels, mode=tiling.mode
    )  # fmt: skip


def _check_channels(spec: EngineSpec, channels: Channels) -> None:
    bias = operand_range(spec.acc_width, True)
    ranges = {"bias": bias, "mult": (0, 2**MULT_BITS - 1), "shift": (0, MAX_SHIFT)}
    for name, (low, high) in ranges.items():
        values = getattr(channels, name)
        wrong = np.flatnonzero((values < low) | (values > high))
        if len(wrong):
            channel = int(wrong[0])
            raise UserError(
                f"{name} must be from {low} to {high}, not {values[channel]} in channel {channel}"
            )
