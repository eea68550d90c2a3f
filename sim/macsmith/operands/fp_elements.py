"""Numbers for converters: of all sizes, next to where rounding turns, and no numbers."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from macsmith.formats.number_codes import decode, encode
from macsmith.formats.stream_words import operand_range
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import OVERFLOWING, UNIFORM, Batch

EXHAUSTIVE_BITS = 16
"""Elements of at most so many bits are all tried."""

RANDOM = 1 << 12
"""Random beats in place of all elements."""


class FpElements:
    """Draws elements, each beat a packet; see `macsmith.operands.batches.OperandSource`."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        self.spec, self.rng, self.point = spec, rng, point
        (layout,) = spec.inputs(spec.points[point]).values()
        self.fields = {field.name: field for field in layout.values}
        target = spec.to.format
        values = decode(target, np.arange(min(1 << target.width, 1 << 16)))
        numbers = np.unique(values[np.isfinite(values)])
        turns = np.append((numbers[1:] + numbers[:-1]) / 2, numbers)
        self.turns = np.append(turns, numbers[[0, -1]] * 1.0625)

    def uniform(self, count: int, length: int = 1) -> Batch:
        """Return random codes, of floating point half from a few binades in each beat."""
        field = self.fields["x"]
        shape = count, length, field.lanes
        codes = self.rng.integers(*operand_range(field.bits, field.signed), shape, endpoint=True)
        fmt = self.spec.of.format
        if fmt is not None and not fmt.integer:
            span = min(6 << fmt.fraction_bits, fmt.greatest)
            start = self.rng.integers(0, fmt.greatest - span, (count, 1, 1), endpoint=True)
            near = start + self.rng.integers(0, span, shape, endpoint=True)
            near += fmt.magnitudes * (self.rng.integers(2, size=shape) & (near > 0))
            codes = np.where(self.rng.random((count, 1, 1)) < 3 / 4, near, codes)
        return self._batch(UNIFORM, codes)

    def overflowing(self, count: int, length: int = 1) -> Batch:
        """Return numbers next to those of the target, to what lies between two, or to its ends."""
        shape = count, length, self.fields["x"].lanes
        values = self.rng.choice(self.turns, shape)
        fmt = self.spec.of.format
        if self.spec.to.scale is not None:
            values = np.ldexp(values, self.rng.integers(-20, 20, (count, 1, 1)))
        if fmt is None:
            least, most = operand_range(self.spec.of.bits, True)
            with np.errstate(over="ignore"):
                whole = np.ldexp(values, self.spec.of.point).clip(float(least), most / 2)
            codes = whole.astype(np.int64)
        else:
            with np.errstate(over="ignore"):
                codes = encode(fmt, values, "toward-zero").astype(np.int64)
        near = codes + self.rng.integers(-1, 2, shape)
        if fmt is None:
            codes = near.clip(*operand_range(self.spec.of.bits, True))
        else:
            codes = near % (1 << fmt.width)
        return self._batch(OVERFLOWING, codes)

    def extremes(self) -> Iterator[Batch]:
        """Yield zeros, the least and the greatest codes, in all lanes."""
        field = self.fields["x"]
        least, most = operand_range(field.bits, field.signed)
        for name, code in (("zero", 0), ("one", 1), ("least", least), ("most", most),
                           ("half", most // 2), ("above half", most // 2 + 1)):  # fmt: skip
            yield self._batch(name, np.full((1, 1, field.lanes), code, np.int64))

    @property
    def enumerable(self) -> bool:
        """Whether all elements are tried, in each lane."""
        return self.fields["x"].bits <= EXHAUSTIVE_BITS

    def enumerated(self) -> Iterator[Batch]:
        """Yield all elements in each lane, or many random beats where there are more."""
        if not self.enumerable:
            yield Batch("random beats", self.point, self.uniform(RANDOM).fields)
            return
        field = self.fields["x"]
        codes = np.arange(1 << field.bits, dtype=np.int64)
        if field.signed:
            codes += operand_range(field.bits, True)[0]
        shifted = [np.roll(codes, lane * 977) for lane in range(field.lanes)]
        yield self._batch("all elements", np.stack(shifted, axis=1)[:, np.newaxis])

    def _batch(self, label: str, codes: Int64s) -> Batch:
        fields = {"x": codes}
        if "scale" in self.fields:
            shape = (*codes.shape[:2], self.fields["scale"].lanes)
            near = self.rng.integers(107, 148, shape)
            anything = self.rng.integers(0, 256, shape)
            fields["scale"] = np.where(self.rng.random(shape) < 1 / 2, near, anything)
        return Batch(label, self.point, fields)
