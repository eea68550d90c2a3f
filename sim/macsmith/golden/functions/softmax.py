"""Model of softmax: whole numbers for powers and their sum, float64 for what is rounded."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.formats.number_codes import Floats, decode, encode
from macsmith.golden.functions.elementary import table_values
from macsmith.golden.functions.long_words import float_of, leading_place, scaled_down
from macsmith.host.int64s import Int64s


class SoftmaxModel:
    """Bit-exact model of the softmax unit.

    Parameters
    ----------
    spec:
        Any object with its parameters, its format and its tables.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        spec, fmt = self.spec, self.spec.fmt
        x = decode(fmt, fields["x"][:, 0])
        out = np.isneginf(x)
        undefined = np.asarray((np.isnan(x) | np.isposinf(x)).any(axis=1) | out.all(axis=1))
        powers, whole = self._powers(np.where(np.isnan(x), 0.0, x))
        powers = np.where(out, 0, powers)
        down = np.minimum(-whole, 62)
        total = (powers << spec.sum_bits - spec.bits >> down).sum(axis=1)
        total = np.where(undefined, 1 << spec.sum_bits, total)
        binade = leading_place(total)
        fraction = np.where(
            binade >= spec.bits,
            total >> np.maximum(binade - spec.bits, 0), total << np.maximum(spec.bits - binade, 0),
        ) - (1 << spec.bits)  # fmt: skip
        table = spec.reciprocals
        inverse = table_values(table, fraction) >> table.steps.guard
        product = powers * inverse[:, np.newaxis]
        exponent = whole - (binade - spec.sum_bits)[:, np.newaxis] - 1 - 2 * spec.bits
        codes = encode(fmt, float_of(product, exponent)).astype(np.int64)
        codes[undefined] = fmt.nan or 0
        return {"y": codes, "undefined": undefined.astype(np.int64)[:, np.newaxis]}

    def _powers(self, x: Floats) -> tuple[Int64s, Int64s]:
        """Return ``e^(x - max)`` of each element as a significand and an exponent."""
        spec = self.spec
        most = np.ldexp(1.0, spec.integer_bits) - np.ldexp(1.0, -spec.fraction)
        fixed = np.trunc(np.ldexp(np.clip(x, -most, most), spec.fraction)).astype(np.int64)
        apart = fixed.max(axis=1, keepdims=True) - fixed
        argument = -scaled_down(apart, spec.factor, spec.factor_bits)
        table = spec.powers
        within = argument & (1 << spec.fraction) - 1
        return table_values(table, within) >> table.steps.guard, argument >> spec.fraction


def exact_softmax(x: Floats) -> Floats:
    """Return softmax along the last axis in float64."""
    with np.errstate(invalid="ignore"):
        powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
