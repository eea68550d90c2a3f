"""Model of batch normalisation: numbers as a sign, a whole number and an exponent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.formats.number_codes import Floats, encode
from macsmith.formats.number_parts import Numbers
from macsmith.golden.functions.elementary import table_values
from macsmith.golden.functions.long_words import float_of, leading_place
from macsmith.host.int64s import Int64s


@dataclass(frozen=True, eq=False)
class Whole:
    """Numbers ``sign size 2^(top - bits + 1)``, of so many bits; the highest may be zero."""

    sign: Int64s
    size: Int64s
    top: Int64s
    bits: int


class BatchNormModel:
    """Bit-exact model of the batch-normalisation unit.

    Parameters
    ----------
    spec:
        Any object with its parameters, its format and its table.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        spec, fmt = self.spec, self.spec.fmt
        parts = {name: Numbers.of(fmt, codes[:, 0]) for name, codes in fields.items()}
        variance = parts["variance"]
        undefined = (variance.size > 0) & variance.negative
        for one in parts.values():
            undefined = undefined | one.nan | one.inf
        whole = {name: self._whole(one) for name, one in parts.items()}
        size = Whole(np.abs(whole["variance"].sign), whole["variance"].size,
                     whole["variance"].top, whole["variance"].bits)  # fmt: skip
        unit = np.ones_like(size.size)
        epsilon = Whole(unit, unit, unit * spec.epsilon, 1)
        scale = self._normal(*self._product(whole["gamma"], self._root(self._sum(size, epsilon))))
        mean = whole["mean"]
        minus = Whole(-mean.sign, mean.size, mean.top, mean.bits)
        apart = self._normal(*self._sum(whole["x"], minus))
        total, lsb = self._product(apart, scale)
        # The highest bits of a product are kept; zero is no greater than anything.
        drop = 2 * (spec.bits + 1) - (spec.bits + 3)
        kept = np.abs(total) >> drop
        least = np.where(kept > 0, lsb + drop + spec.bits + 2, -10_000)
        share = Whole(np.sign(total), kept, least, spec.bits + 3)
        total, lsb = self._sum(share, whole["beta"])
        codes = encode(fmt, float_of(total, lsb)).astype(np.int64)
        codes[undefined] = fmt.nan or 0
        return {"y": codes, "undefined": undefined.astype(np.int64)}

    def _whole(self, one: Numbers) -> Whole:
        fmt = self.spec.fmt
        least = fmt.lsb + fmt.fraction_bits
        known = ~(one.nan | one.inf)
        size = np.where(known, one.size, 0)
        top = np.where(size > 0, one.top, least)
        return Whole(np.where(one.negative, -1, 1), size, top, fmt.significand_bits)

    def _sum(self, one: Whole, other: Whole) -> tuple[Int64s, Int64s]:
        """Return a sum and the exponent of its lowest bit."""
        width = max(one.bits, other.bits) + self.spec.guard
        top = np.maximum(one.top, other.top)
        total = np.zeros_like(top)
        for term in (one, other):
            word = term.size << width - term.bits
            total = total + term.sign * (word >> np.minimum(top - term.top, 62))
        return total, top - width + 1

    def _product(self, one: Whole, other: Whole) -> tuple[Int64s, Int64s]:
        """Return the same of a product."""
        lsb = one.top + other.top - one.bits - other.bits + 2
        return one.sign * other.sign * one.size * other.size, lsb

    def _normal(self, total: Int64s, lsb: Int64s) -> Whole:
        """Return a number with its highest place not zero, cut to the bits that are kept."""
        bits = self.spec.bits + 1
        size = np.abs(total)
        place = np.maximum(leading_place(size), 0)
        down = place - bits + 1
        kept = np.where(down >= 0, size >> np.maximum(down, 0), size << np.maximum(-down, 0))
        return Whole(np.where(total < 0, -1, 1), kept, lsb + place, bits)

    def _root(self, given: tuple[Int64s, Int64s]) -> Whole:
        """Return reciprocal square roots."""
        spec, one = self.spec, self._normal(*given)
        odd = one.top % 2
        argument = odd << spec.bits | one.size - (1 << spec.bits)
        significand = table_values(spec.roots, argument) >> spec.roots.steps.guard
        return Whole(np.ones_like(odd), significand, -((one.top - odd) // 2), spec.bits + 2)


def exact_batch_norm(x: Floats, channel: Mapping[str, Floats], epsilon: float) -> Floats:
    """Return batch normalisation in float64."""
    scale = channel["gamma"] / np.sqrt(channel["variance"] + epsilon)
    return (x - channel["mean"]) * scale + channel["beta"]
