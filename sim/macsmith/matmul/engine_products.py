"""Random matrix products for the engine, and what they should give."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from macsmith.array.engine.spec import MAX_SHIFT, EngineSpec
from macsmith.array.engine.tile_schedule import Schedule
from macsmith.formats.stream_words import operand_range
from macsmith.golden.requantised_array import EngineModel
from macsmith.host.int64s import Int64s
from macsmith.host.verification_run import Run
from macsmith.matmul.array_gemm import LARGEST
from macsmith.matmul.engine_jobs import Channels, EngineJob, bound_slots, dense_values
from macsmith.operands.rounding_ties import directed_scales

DEEPEST = 4096
"""Words of a memory that is filled."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Product:
    """A job and its C.

    Members
    -------
    multiply:
        Returns the accumulators of any activations with its weights.
    """

    job: EngineJob
    expected: Int64s
    multiply: Callable[[Int64s], Int64s]

    def compare(self, run: Run, plan: Schedule, matrix: Int64s) -> None:
        """Add the product to a run: the words of its operands, its C, and what is wrong in it."""
        job = self.job
        m, k = job.acts.shape
        n, steps, passes, lanes = job.values.shape
        run.vectors += plan.act_words + (0 if job.kept else plan.weight_words)
        filled = np.pad(job.acts, ((0, 0), (0, -k % plan.spec.step_length(job.mode))))
        run.compare(
            f"{m} x {k} x {n} {'raw' if plan.raw else 'requantised'}", matrix, self.expected,
            lambda row, column: (
                filled[row].reshape(steps, -1), job.values[column].reshape(steps, passes * lanes)
            ),
        )  # fmt: skip


class Products:
    """Random products of an engine.

    Parameters
    ----------
    spec:
        The engine.
    rng:
        Where they come from.
    """

    def __init__(self, spec: EngineSpec, rng: np.random.Generator) -> None:
        self.spec, self.rng, self.model = spec, rng, EngineModel(spec)

    def any(self, most: int) -> Product:
        """Return a product with sizes up to ``most``, of any precision, passes and results."""
        rng, spec = self.rng, self.spec
        sizes = (int(size) for size in rng.integers(1, most + 1, 3))
        return self.product(
            *sizes, raw=bool(rng.integers(2)), mode=int(rng.integers(len(spec.points))),
            passes=int(rng.integers(1, spec.max_passes + 1)),
        )  # fmt: skip

    def product(
        self, m: int, k: int, n: int, *, raw: bool, mode: int = 0, passes: int = 1,
        keep: bool = False,
    ) -> Product:  # fmt: skip
        """Return a product of some sizes. Of zero-gated arrays half of the operands are zero."""
        spec, array, rng = self.spec, self.spec.array, self.rng
        precision = spec.points[mode]
        acts = self._operands((m, k), precision.act_bits, array.mac.act_signed)
        places = None
        if array.zeros.stores_blocks:
            shape = (passes, n, -(-k // array.block), array.nonzeros)
            kept = self._operands(shape, precision.weight_bits, array.mac.weight_signed)
            order = rng.random((*shape[:-1], array.block)).argsort(axis=-1)
            lie = np.sort(order[..., : array.nonzeros], axis=-1)
            multiply = partial(self.model.matmul_bound, precision, values=kept, places=lie)
            values = bound_slots(spec, kept, 0)
            places = bound_slots(spec, lie, np.arange(array.nonzeros))
        else:
            weights = self._operands((k, n), precision.weight_bits, array.mac.weight_signed)
            multiply = partial(self.model.matmul, precision, weights=weights)
            values = dense_values(spec, weights, mode)
        acc = multiply(acts)
        channels = None if raw else self._channels(acc)
        job = EngineJob(
            acts=acts, values=values, places=places, channels=channels, mode=mode, keep=keep
        )
        return Product(job=job, expected=self._results(acc, channels), multiply=multiply)

    def again(self, before: Product, m: int, keep: bool = False) -> Product:
        """Return a product with the weights and channels of one that kept them."""
        job, mac = before.job, self.spec.array.mac
        bits = self.spec.points[job.mode].act_bits
        acts = self._operands((m, job.acts.shape[1]), bits, mac.act_signed)
        acc = before.multiply(acts)
        return replace(
            before, job=replace(job, acts=acts, keep=keep, kept=True),
            expected=self._results(acc, job.channels),
        )  # fmt: skip

    def kept(self, count: int) -> list[Product]:
        """Return products of which each but the first has the weights and channels of the first."""
        rng, spec = self.rng, self.spec
        mode, raw = int(rng.integers(len(spec.points))), bool(rng.integers(2))
        passes = int(rng.integers(1, min(spec.max_passes, spec.weight_depth) + 1))
        tiles = int(rng.integers(1, min(2, spec.weight_depth // passes) + 1))
        steps = spec.weight_depth // (tiles * passes)
        columns = int(rng.integers(1, min(spec.channel_depth, tiles * spec.tile_cols) + 1))
        length = int(rng.integers(1, min(LARGEST, steps * spec.step_length(mode)) + 1))
        rows = [int(size) for size in rng.integers(1, 3 * spec.tile_rows + 1, count)]
        first = self.product(
            rows[0], length, columns, raw=raw, mode=mode, passes=passes, keep=count > 1
        )
        later = [self.again(first, size, keep=True) for size in rows[1:-1]]
        return [first, *later, *(self.again(first, size) for size in rows[1:][-1:])]

    def long(self, size: int) -> Iterator[Product]:
        """Yield products that are long one way: of a power of two loops have all bits below up."""
        spec = self.spec
        rows, columns = spec.tile_rows + 1, spec.tile_cols + 1
        length = (size // 2 - 1) * spec.step_length()
        for m, k, n in ((size - 1, 1, 1), (1, length, columns), (rows, 1, size - 1)):
            yield self.product(m, k, n, raw=bool(self.rng.integers(2)))

    def full(self) -> Iterator[tuple[str, Product]]:
        """Yield products that fill a memory to its last word, or but for one, and read it twice.

        That of activations, of weights and of channels, each with the stream that fills it.
        """
        spec = self.spec
        step, rows, columns = spec.step_length(), spec.tile_rows + 1, spec.tile_cols + 1
        for spare in (0, 1):
            acts, weights, channels = (
                depth - spare for depth in (spec.act_depth, spec.weight_depth, spec.channel_depth)
            )
            for name, depth, m, k, n in (
                ("act", acts, 1, acts * step, columns),
                ("weight", weights, rows, weights * step, 1),
                ("channel", channels, rows, 1, channels),
            ):
                if depth <= DEEPEST:
                    yield name, self.product(m, k, n, raw=name != "channel")

    def ties(self, most: int | None = None) -> Product:
        """Return a product whose requantised results are at ties and limits, a case a column.

        In each row, so that every requantiser has all of them.

        Parameters
        ----------
        most:
            Cases to take at random; all if None.
        """
        spec, width = self.spec, self.spec.array.acc_width
        low, high = operand_range(width, True)
        sums, mult, shift = directed_scales(spec.out_width, spec.out_signed, low, high)
        chosen = self.rng.permutation(len(sums))[:most]
        sums, mult, shift = sums[chosen], mult[chosen], shift[chosen]
        product = self.product(spec.out_lanes, spec.step_length(), len(sums), raw=True)
        acts = np.broadcast_to(product.job.acts[:1], product.job.acts.shape)
        acc = product.multiply(acts)
        # What the accumulators bring is a part of the sum, where the rest fits a bias.
        bias = sums - acc[0]
        fits = (low <= bias) & (bias <= high)
        channels = Channels(bias=np.where(fits, bias, sums), mult=mult, shift=shift)
        return replace(
            product, job=replace(product.job, acts=acts, channels=channels),
            expected=self._results(acc, channels),
        )  # fmt: skip

    def _operands(self, shape: tuple[int, ...], bits: int, signed: bool) -> Int64s:
        low, high = operand_range(bits, signed)
        operands = self.rng.integers(low, high, shape, endpoint=True)
        if self.spec.array.zeros.gates_zeros:
            operands *= self.rng.random(shape) < 0.5
        return operands

    def _channels(self, acc: Int64s) -> Channels:
        """Return scales that bring most sums near the range of results, and some anywhere."""
        rng, n, spec = self.rng, acc.shape[1], self.spec
        mult = rng.integers(0, 2**16, (n,))
        excess = np.log2(np.abs(acc).max(axis=0) + 1) + 15 - spec.out_width
        near = excess.astype(np.int64) + rng.integers(-2, 3, n)
        anywhere = rng.integers(0, MAX_SHIFT + 1, n)
        shift = np.where(rng.random(n) < 0.8, near, anywhere).clip(0, MAX_SHIFT)
        low, high = operand_range(min(spec.array.acc_width, 24), True)
        bias = rng.integers(low, high, (n,)) >> rng.integers(0, 20, (n,))
        return Channels(bias=bias, mult=mult, shift=shift)

    def _results(self, acc: Int64s, channels: Channels | None) -> Int64s:
        if channels is None:
            return acc
        return self.model.results(acc, channels.bias, channels.mult, channels.shift)
