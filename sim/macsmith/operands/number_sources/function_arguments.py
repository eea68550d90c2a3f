"""Arguments of functions: everywhere, next to one, next to where polynomials begin and end."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from macsmith.golden.catalog import GoldenModel
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import OVERFLOWING, UNIFORM, Batch
from macsmith.operands.field_source import AT_A_TIME, FieldSource


class FunctionArguments(FieldSource):
    """Draws codes of a unit's format; see `macsmith.operands.batches.OperandSource`."""

    def __init__(self, spec: Any, model: GoldenModel, point: int, rng: np.random.Generator) -> None:
        super().__init__(spec, model, point, rng)
        self.spec = spec

    def uniform(self, count: int, length: int) -> Batch:
        """Return codes of all exponents, and as many of those next to zero."""
        (field,) = self.fields
        shape = count, length, field.lanes
        codes = self.rng.integers(0, 1 << field.bits, shape, dtype=np.int64)
        return Batch(
            UNIFORM, self.point, {"x": np.where(self._half(shape), codes, self._near(shape))}
        )

    def overflowing(self, count: int, length: int) -> Batch:
        """Return codes next to round fractions, and next to those at the ends of the format."""
        (field,) = self.fields
        shape = count, length, field.lanes
        fmt = self.spec.fmt
        coarse = self.rng.integers(0, fmt.fraction_bits + 1, shape)
        rounded = self._near(shape) >> coarse << coarse
        named = self.rng.choice(list(self.named.values()), shape)
        codes = np.where(self._half(shape), rounded, named) + self.rng.integers(-2, 3, shape)
        return Batch(OVERFLOWING, self.point, {"x": codes % (1 << field.bits)})

    def extremes(self) -> Iterator[Batch]:
        """Yield the ends of the format by name, of both signs."""
        (field,) = self.fields
        for name, code in self.named.items():
            for sign, word in (("", "positive"), ("-", "negative")):
                whole = code + self.spec.fmt.magnitudes * (word == "negative")
                codes = np.full((1, 1, field.lanes), whole, np.int64)
                yield Batch(f"{sign}{name}", self.point, {"x": codes})

    def enumerated(self) -> Iterator[Batch]:
        """Yield every code, or many of all kinds where there are too many."""
        if self.enumerable:
            yield from super().enumerated()
            return
        for batch in (self.uniform(AT_A_TIME, 1), self.overflowing(AT_A_TIME // 4, 1)):
            yield Batch("many codes", self.point, batch.fields)

    @property
    def named(self) -> dict[str, int]:
        """Codes without sign, by what they are."""
        fmt = self.spec.fmt
        one = fmt.bias << fmt.fraction_bits
        found = {
            "zero": 0, "least": 1, "first binade": 1 << fmt.fraction_bits, "one": one,
            "two": one + (1 << fmt.fraction_bits), "greatest": fmt.greatest,
            "all ones": fmt.magnitudes - 1, "infinity": fmt.infinity, "NaN": fmt.nan,
        }  # fmt: skip
        return {name: code for name, code in found.items() if code is not None}

    def _half(self, shape: tuple[int, ...]) -> Int64s:
        return self.rng.integers(0, 2, shape)

    def _near(self, shape: tuple[int, ...]) -> Int64s:
        """Return codes of which the exponent is near that of one."""
        fmt = self.spec.fmt
        least = max(0, fmt.bias - fmt.fraction_bits - 3)
        most = min((1 << fmt.exponent_bits) - 1, fmt.bias + fmt.exponent_bits)
        exponents = self.rng.integers(least, most + 1, shape)
        codes = exponents << fmt.fraction_bits
        codes += self.rng.integers(0, 1 << fmt.fraction_bits, shape)
        return codes + fmt.magnitudes * self._half(shape)
