"""Values of channels and the numbers of these: near each other, and anywhere."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from macsmith.formats.number_codes import encode
from macsmith.golden.catalog import GoldenModel
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import OVERFLOWING, UNIFORM, Batch
from macsmith.operands.field_source import AT_A_TIME, FieldSource


class Channels(FieldSource):
    """Draws beats of a unit; see `macsmith.operands.batches.OperandSource`."""

    def __init__(self, spec: Any, model: GoldenModel, point: int, rng: np.random.Generator) -> None:
        super().__init__(spec, model, point, rng)
        self.fmt = spec.fmt

    def uniform(self, count: int, length: int) -> Batch:
        """Return normal values about a mean, of any scale, which cancel now and then."""
        rng, shape = self.rng, (count, length, 1)
        scale = np.ldexp(1.0, rng.integers(-6, 6, shape))
        drawn = {
            "mean": rng.normal(size=shape) * scale,
            "variance": np.square(rng.normal(size=shape)) * scale,
            "gamma": rng.normal(size=shape), "beta": rng.normal(size=shape),
        }  # fmt: skip
        (lanes,) = (field.lanes for field in self.fields if field.name == "x")
        drawn["x"] = drawn["mean"] + rng.normal(size=(count, length, lanes)) * scale
        codes = {name: encode(self.fmt, one).astype(np.int64) for name, one in drawn.items()}
        codes["mean"] = np.where(rng.random(shape) < 1 / 8, codes["x"][..., :1], codes["mean"])
        return Batch(UNIFORM, self.point, codes)

    def overflowing(self, count: int, length: int) -> Batch:
        """Return codes of all kinds, a quarter of them zeros."""
        drawn = {
            name: self._some_zeros(codes) for name, codes in self._drawn(count, length).items()
        }
        return Batch(OVERFLOWING, self.point, drawn)

    def enumerated(self) -> Iterator[Batch]:
        """Yield many beats of both kinds: there are too many to yield all."""
        for batch in (self.uniform(AT_A_TIME // 2, 1), self.overflowing(AT_A_TIME // 2, 1)):
            yield Batch("many beats", self.point, batch.fields)

    @property
    def enumerable(self) -> bool:
        """No."""
        return False

    def _some_zeros(self, codes: Int64s) -> Int64s:
        """Return codes in the middle of the format's exponents, anywhere in it, or zeros."""
        fmt = self.fmt
        shape = codes.shape
        near = fmt.bias + self.rng.integers(-3, 4, shape) << fmt.fraction_bits
        near += self.rng.integers(0, 1 << fmt.fraction_bits, shape)
        near += fmt.magnitudes * self.rng.integers(0, 2, shape)
        which = self.rng.random(shape)
        return np.where(which < 1 / 4, 0, np.where(which < 5 / 8, near, codes))
