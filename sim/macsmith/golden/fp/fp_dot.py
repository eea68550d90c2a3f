"""Model of floating-point dot products: exact whole numbers, rounded where the unit rounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.formats.exact_rounding import beyond, rounded
from macsmith.formats.number_parts import Numbers
from macsmith.host.int64s import Int64s

Flags = Any
"""Whether something holds."""
Wholes = NDArray[Any]
"""Python's integers, of any size."""


@dataclass(frozen=True, eq=False)
class Terms:
    """What a beat adds up, the last axis the terms: signs, sizes, exponents of units and tops."""

    negative: Flags
    size: Int64s
    lsb: Int64s
    top: Int64s

    def with_one(self, numbers: Numbers) -> "Terms":
        """Return the terms and one more."""
        return Terms(
            *(
                np.append(mine, getattr(numbers, name)[..., np.newaxis], axis=-1)
                for name, mine in vars(self).items()
            )
        )

    def at(self, beat: int) -> "Terms":
        """Return the terms of one beat of each packet."""
        return Terms(*(part[:, beat] for part in vars(self).values()))


class FpDotModel:
    """Bit-exact model of `fp-dot`.

    Parameters
    ----------
    spec:
        Any object with its parameters, points, and formats of accumulator and result.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.acc, self.result = spec.acc_format, spec.result_format

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        a, b = Numbers.of(point.a, fields["a"]), Numbers.of(point.b, fields["b"])
        lost = (a.inf & (b.size == 0) & ~b.inf & ~b.nan) | (b.inf & (a.size == 0) & ~a.inf & ~a.nan)
        negative = a.negative ^ b.negative
        nan = (a.nan | b.nan | lost).any(axis=2)
        inf = (a.inf | b.inf) & ~(a.nan | b.nan)
        above, below = (inf & ~negative).any(axis=2), (inf & negative).any(axis=2)
        terms = Terms(negative, a.size * b.size, a.lsb + b.lsb, a.top + b.top)
        if point.scale is not None:
            scales = [fields["scale_a"], fields["scale_b"]]
            terms, unscaled = _scaled(point.scale, terms, scales)
            nan |= unscaled
        specials = np.stack([nan, above, below])
        if self.acc is None:
            return self._raw(terms, specials)
        start = fields["c"][:, 0, 0] if "c" in fields else np.full(len(nan), self.nothing)
        length = self.spec.chunk
        told = fields["chunk"][:, 0, 0] if length else np.zeros(len(nan), np.int64)
        lengths = np.where((told == 0) | (told > length), length, told)
        return {"sum": self._accumulated(terms, specials, negative.all(axis=2), start, lengths)}

    # Accumulators of a format.

    @property
    def nothing(self) -> int:
        """The negative zero, to which any number adds as itself."""
        code: int = self.acc.magnitudes
        return code

    def _accumulated(
        self, terms: Terms, specials: Flags, negative: Flags, start: Int64s, lengths: Int64s
    ) -> Int64s:
        """Return the codes of packets' sums, shape (packets, 1).

        Parameters
        ----------
        specials
            Of each beat's products: NaN, and infinities of both signs.
        negative
            Whether all products of a beat are negative.
        start
            What packets start from.
        lengths
            Beats of their chunks; 0 for none.
        """
        beats = terms.size.shape[1]
        ahead = None if self._early else self._sums(terms)
        inner, outer = np.where(lengths > 0, self.nothing, start), start
        for beat in range(beats):
            if ahead is None:
                inner = self._early_sum(terms.at(beat), specials[:, :, beat], inner)
            else:
                rows = zip(*(part[:, beat].tolist() for part in ahead), strict=True)
                inner = self._late_sum(list(rows), specials[:, :, beat], negative[:, beat], inner)
            if self.spec.chunk:
                closes = ((beat + 1) % np.maximum(lengths, 1) == 0) | (beat == beats - 1)
                outer = np.where(closes, self._sum_of_two(outer, inner), outer)
                inner = np.where(closes, self.nothing, inner)
        return (outer if self.spec.chunk else inner)[:, np.newaxis]

    def _early_sum(self, terms: Terms, specials: Flags, code: Int64s) -> Int64s:
        """Return accumulators plus products that share a window with them."""
        acc = Numbers.of(self.acc, code)
        sums, units = window_sums(
            terms.with_one(acc), self.spec.fraction_bits, self.spec.truncation
        )
        rows = list(zip(sums.tolist(), units.tolist(), strict=True))
        never = np.zeros(len(code), np.bool_)
        return self._rounded(rows, specials | _specials_of(acc), never)

    def _late_sum(
        self, rows: list[tuple[int, int]], specials: Flags, negative: Flags, code: Int64s
    ) -> Int64s:
        """Return accumulators plus sums of products, each with its unit, as if exact."""
        minus = negative & (self.spec.alignment == "exact")
        if self.spec.accumulate == "round-then-add":
            return self._sum_of_two(self._rounded(rows, specials, minus), code)
        acc = Numbers.of(self.acc, code)
        both = [_added(row, other) for row, other in zip(rows, _rows(acc), strict=True)]
        return self._rounded(both, specials | _specials_of(acc), minus & acc.negative)

    def _sum_of_two(self, code: Int64s, other: Int64s) -> Int64s:
        """Return sums of numbers of the accumulator's format, rounded once."""
        a, b = Numbers.of(self.acc, code), Numbers.of(self.acc, other)
        both = [_added(row, its) for row, its in zip(_rows(a), _rows(b), strict=True)]
        return self._rounded(both, _specials_of(a) | _specials_of(b), a.negative & b.negative)

    def _rounded(self, rows: list[tuple[int, int]], specials: Flags, negative: Flags) -> Int64s:
        """Return the codes of sums with their units; a zero has the sign that is given."""
        rule, minus = self.spec.rounding, self.acc.magnitudes
        codes = [
            rounded(self.acc, total, unit, rule) if total else sign * minus
            for (total, unit), sign in zip(rows, negative.tolist(), strict=True)
        ]
        return self._special(self.acc, np.array(codes), *specials)

    @property
    def _early(self) -> bool:
        return self.spec.alignment == "window" and self.spec.order == "early"

    def _sums(self, terms: Terms) -> tuple[Wholes, Int64s]:
        """Return the sums of all beats before an accumulator joins them, and their units."""
        if self.spec.alignment == "window":
            sums, units = window_sums(terms, self.spec.fraction_bits, self.spec.truncation)
            return sums.astype(object), units
        return exact_sums(terms)

    def _special(self, fmt: Any, code: Int64s, nan: Any, above: Any, below: Any) -> Int64s:
        undefined = nan | (above & below)
        code = np.where(above | below, beyond(fmt) + below * fmt.magnitudes, code)
        return np.where(undefined, fmt.magnitudes - 1 if self.spec.nan == "ones" else fmt.nan, code)

    # Raw accumulators.

    def _raw(self, terms: Terms, specials: Flags) -> dict[str, Int64s]:
        spec = self.spec
        sums, _ = exact_sums(terms, spec.grid_lsb)
        half = 1 << spec.raw_bits - 1
        totals = (sums.sum(axis=1) + half) % (2 * half) - half
        nan, above, below = specials.any(axis=2)
        if self.result is not None:
            rule = self.spec.rounding
            codes = np.array([rounded(self.result, one, spec.grid_lsb, rule) for one in totals])
            return {"sum": self._special(self.result, codes, nan, above, below)[:, np.newaxis]}
        undefined = nan | (above & below)
        kind = np.where(undefined, 1, np.where(above, 2, np.where(below, 3, 0)))
        totals = np.where(kind > 0, 0, totals)
        if spec.raw_bits <= 64:
            limbs = totals.astype(np.int64)[:, np.newaxis]
        else:
            lanes = -(-spec.raw_bits // 32)
            limbs = np.array(
                [[one >> 32 * lane & 0xFFFFFFFF for lane in range(lanes)] for one in totals],
                np.int64,
            )
        return {"sum": limbs, "special": kind[:, np.newaxis]}


def _scaled(scale: Any, terms: Terms, codes: list[Int64s]) -> tuple[Terms, Flags]:
    """Return terms times the scales of their blocks, and whether a scale of a beat is NaN.

    Scales of powers of two move exponents. Others multiply the exact sum of their block, which is
    then one term; its top exponent is that of the scales alone.
    """
    signless = [one & scale.format.magnitudes - 1 for one in codes]
    a, b = (Numbers.of(scale.format, one) for one in signless)
    nan = (a.nan | b.nan).any(axis=2)
    lanes, blocks = terms.size.shape[2], a.size.shape[2]
    if scale.format.fraction_bits == 0:
        each = lanes // blocks
        moves = np.repeat(a.lsb + b.lsb, each, axis=2)
        return Terms(terms.negative, terms.size, terms.lsb + moves, terms.top + moves), nan
    grouped = Terms(*(part.reshape(*part.shape[:2], blocks, -1) for part in vars(terms).values()))
    sums, units = exact_sums(grouped)
    whole = sums.astype(np.int64) * a.size * b.size
    return Terms(whole < 0, np.abs(whole), units + a.lsb + b.lsb, a.top + b.top), nan


def exact_sums(terms: Terms, unit: int | None = None) -> tuple[Wholes, Int64s]:
    """Return the sums of terms along the last axis, in units of a power of two of all beats."""
    used = terms.size != 0
    if unit is None:
        unit = int(terms.lsb[used].min()) if used.any() else 0
    places = np.where(used, terms.lsb - unit, 0)
    whole = np.where(terms.negative, -terms.size, terms.size).astype(object) << places
    sums = np.asarray(whole.sum(axis=-1), object)
    return sums, np.full(sums.shape, unit)


def window_sums(terms: Terms, fraction_bits: int, truncation: str) -> tuple[Int64s, Int64s]:
    """Return the sums of terms along the last axis, each cut to the window, and their units.

    The window ends ``fraction_bits`` below the greatest top exponent of a term that is not zero.
    """
    used = terms.size != 0
    greatest = np.where(used, terms.top, np.iinfo(np.int32).min).max(axis=-1)
    greatest = np.where(used.any(axis=-1), greatest, 0)
    unit = greatest - fraction_bits
    drop = np.where(used, unit[..., np.newaxis] - terms.lsb, 0)
    right = drop.clip(0, 63)
    kept = (terms.size >> right) << (-drop).clip(0)
    some = (terms.size & ((np.int64(1) << right.clip(0, 62)) - 1)) != 0
    if truncation == "sticky":
        kept, unit = 2 * kept + some, unit - 1
    signed = np.where(terms.negative, -kept, kept)
    if truncation == "down":
        signed -= some & terms.negative
    return signed.sum(axis=-1), unit


def _specials_of(numbers: Numbers) -> Flags:
    """Return which numbers are NaN, and which infinities of either sign."""
    inf, negative = numbers.inf, numbers.negative
    return np.stack([numbers.nan, inf & ~negative, inf & negative])


def _rows(numbers: Numbers) -> list[tuple[int, int]]:
    """Return numbers as whole ones with their units."""
    whole = np.where(numbers.negative, -numbers.size, numbers.size)
    return list(zip(whole.tolist(), numbers.lsb.tolist(), strict=True))


def _added(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Return the sum of two whole numbers with units, and its unit."""
    low = min(one[1], other[1])
    return (one[0] << one[1] - low) + (other[0] << other[1] - low), low
