"""Vectors of floating-point codes: random, and those that strain a sum and its rounding."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from macsmith.contract.number_format import FORMATS, NumberFormat
from macsmith.contract.stream import Field
from macsmith.host.int64s import Int64s
from macsmith.operands.batches import OVERFLOWING, UNIFORM, Batch

EXHAUSTIVE_BITS = 16
"""Pairs of numbers of at most so many bits together are all tried."""

RANDOM = 1 << 14
"""Random beats in place of all pairs."""

_SPREAD = 4
"""Binades from which numbers of like size are drawn."""


class FpVectors:
    """Draws vectors at one point; see `macsmith.operands.batches.OperandSource`."""

    def __init__(self, spec: Any, model: Any, point: int, rng: np.random.Generator) -> None:
        self.point, self.rng = point, rng
        self.formats: dict[str, NumberFormat] = {}
        self.fields: dict[str, Field] = {}
        what = spec.points[point]
        for layout in spec.inputs(what).values():
            self.fields |= {field.name: field for field in layout.values}
        self.formats = {"a": what.a, "b": what.b}
        if what.scale is not None:
            self.formats |= {"scale_a": what.scale.format, "scale_b": what.scale.format}
        if "c" in self.fields:
            self.formats["c"] = FORMATS[spec.acc]

    def uniform(self, count: int, length: int) -> Batch:
        """Return packets of numbers of like or of any sizes; one in 16 has any codes at all."""
        anything = self.rng.random((count, 1, 1)) < 1 / 16
        like = self.rng.random((count, 1, 1)) < 1 / 2
        fields = {}
        for name, field in self.fields.items():
            shape = count, length, field.lanes
            drawn = np.where(like, self._like(name, shape), self._finite(name, shape))
            fields[name] = np.where(anything, self._any(name, shape), drawn)
        return Batch(UNIFORM, self.point, fields)

    def overflowing(self, count: int, length: int) -> Batch:
        """Return packets that cancel, or hold one huge product among tiny ones, or extremes."""
        vectors = {name: self._like(name, (count, length, field.lanes))
                   for name, field in self.fields.items()}  # fmt: skip
        kind = self.rng.integers(4, size=count)
        self._cancel(vectors, kind == 0)
        self._huge(vectors, kind == 1)
        ends = {name: self.rng.choice(list(self._ends(name).values()), vectors[name].shape)
                for name in vectors}  # fmt: skip
        for name in vectors:
            some = (kind == 2)[:, np.newaxis, np.newaxis]
            vectors[name] = np.where(some, ends[name], vectors[name])
        self._subnormal(vectors, kind == 3)
        return Batch(OVERFLOWING, self.point, vectors)

    def extremes(self) -> Iterator[Batch]:
        """Yield every pair of ends of the formats, in all lanes and in one of zeros.

        Equal ends fill long packets too.
        """
        others = [name for name in self.fields if name not in ("a", "b")]
        for (a, a_code), (b, b_code) in product(self._ends("a").items(), self._ends("b").items()):
            for length in (1, 33) if a == b else (1,):
                whole = {
                    name: np.full((1, length, field.lanes), code, np.int64)
                    for (name, field), code in zip(
                        self.fields.items(), (a_code, b_code), strict=False
                    )
                }
                rest = {
                    name: self._like(name, (1, length, self.fields[name].lanes)) for name in others
                }
                yield Batch(f"{a} x {b}", self.point, whole | rest)
                lane = int(self.rng.integers(self.fields["a"].lanes))
                alone = np.where(np.arange(self.fields["a"].lanes) == lane, whole["a"], 0)
                yield Batch(f"{a} x {b}, one lane", self.point, whole | rest | {"a": alone})

    @property
    def enumerable(self) -> bool:
        """Whether all pairs of numbers are tried."""
        return sum(self.formats[name].width for name in ("a", "b")) <= EXHAUSTIVE_BITS

    def enumerated(self) -> Iterator[Batch]:
        """Yield all pairs of numbers, in each lane, or many random beats where there are more."""
        if not self.enumerable:
            yield Batch("random beats", self.point, self.uniform(RANDOM, 1).fields)
            return
        bits = self.formats["b"].width
        pairs = np.arange(1 << self.formats["a"].width + bits, dtype=np.int64)
        pairs = np.tile(pairs, max(1, 4096 // len(pairs)))
        for lane in range(self.fields["a"].lanes):
            fields = self.uniform(len(pairs), 1).fields
            # What the other lanes hold would hide the product but for these.
            quiet = self.rng.random(len(pairs)) < 3 / 4
            for name, codes in (("a", pairs >> bits), ("b", pairs & (1 << bits) - 1)):
                fields[name][quiet] = 0
                fields[name][:, 0, lane] = codes
            if "c" in fields:
                fields["c"][quiet] = 0
            yield Batch(f"pairs in lane {lane}", self.point, fields)

    # Codes.

    def _any(self, name: str, shape: tuple[int, ...]) -> Int64s:
        return self.rng.integers(0, 1 << self.fields[name].bits, shape)

    def _finite(self, name: str, shape: tuple[int, ...]) -> Int64s:
        """Return codes of numbers."""
        fmt = self.formats.get(name)
        if fmt is None or fmt.integer:
            return self._any(name, shape)
        return self._signed(name, self.rng.integers(0, fmt.greatest, shape, endpoint=True))

    def _like(self, name: str, shape: tuple[int, ...]) -> Int64s:
        """Return codes of numbers from a few binades, others in each packet.

        Of formats of more than 5 exponent bits they are near the middle, so that products meet.
        """
        fmt = self.formats.get(name)
        if fmt is None or fmt.integer:
            return self._any(name, shape)
        each, most = 1 << fmt.fraction_bits, fmt.greatest
        low, high = 0, most
        if fmt.exponent_bits > 5:
            low, high = most // 2 - 12 * each, most // 2 + 12 * each
        span = min(_SPREAD * each, high - low)
        start = self.rng.integers(low, high - span, (shape[0], 1, 1), endpoint=True)
        return self._signed(name, start + self.rng.integers(0, span, shape, endpoint=True))

    def _signed(self, name: str, codes: Int64s) -> Int64s:
        fmt = self.formats[name]
        if not fmt.signed or name.startswith("scale"):
            return codes
        negative = self.rng.integers(2, size=codes.shape)
        if fmt.negative_zero == "nan":
            negative &= codes > 0
        return codes + negative * fmt.magnitudes

    def _ends(self, name: str) -> Mapping[str, int]:
        """Return the codes at either end of a format, by name."""
        fmt = self.formats.get(name)
        if fmt is None:
            return {"zero": 0, "one": 1}
        if fmt.integer:
            return {"zero": 0, "one": 1, "minus one": 2 * fmt.magnitudes - 1,
                    "max": fmt.magnitudes - 1, "min": fmt.magnitudes}  # fmt: skip
        minus = fmt.magnitudes if fmt.signed else 0
        ends = {"zero": 0, "least": 1, "max": fmt.greatest, "-least": minus + 1,
                "-max": minus + fmt.greatest, "-zero": minus,
                "below normal": (1 << fmt.fraction_bits) - 1}  # fmt: skip
        if fmt.nan is not None:
            ends["NaN"] = fmt.nan
        if fmt.infinity is not None:
            ends |= {"inf": fmt.infinity, "-inf": minus + fmt.infinity}
        return ends

    def _cancel(self, vectors: dict[str, Int64s], where: Any) -> None:
        """Let the later lanes of some packets take off what the earlier ones add, but a little."""
        a, fmt = vectors["a"], self.formats["a"]
        half = a.shape[2] // 2
        if fmt.integer or not half:
            return
        rows = np.flatnonzero(where)
        for name in ("a", "b"):
            vectors[name][rows, :, half : 2 * half] = vectors[name][rows, :, :half]
        taken = a[rows, :, :half]
        opposite = taken ^ fmt.magnitudes
        if fmt.negative_zero == "nan":
            opposite = np.where(taken % fmt.magnitudes == 0, taken, opposite)
        nearly = self.rng.random(opposite.shape) < 1 / 8
        a[rows, :, half : 2 * half] = np.where(nearly & (opposite % fmt.magnitudes > 1),
                                               opposite - 1, opposite)  # fmt: skip

    def _huge(self, vectors: dict[str, Int64s], where: Any) -> None:
        """Let some packets have one great product, the others small."""
        rows = np.flatnonzero(where)
        lane = self.rng.integers(vectors["a"].shape[2], size=len(rows))
        for name in ("a", "b"):
            fmt = self.formats[name]
            each = 1 << fmt.fraction_bits
            small = self.rng.integers(0, 2 * each, vectors[name][rows].shape)
            great = fmt.greatest - self.rng.integers(0, each, (len(rows), vectors[name].shape[1]))
            vectors[name][rows] = self._signed(name, small) if not fmt.integer else small % 3
            vectors[name][rows, :, lane] = great

    def _subnormal(self, vectors: dict[str, Int64s], where: Any) -> None:
        """Let some packets have nothing but numbers below the first normal one."""
        rows = np.flatnonzero(where)
        for name in ("a", "b"):
            fmt = self.formats[name]
            small = self.rng.integers(0, 1 << fmt.fraction_bits, vectors[name][rows].shape)
            vectors[name][rows] = small if fmt.integer else self._signed(name, small)
