"""Model of dot products of powers of two, or of its square root."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.golden.compact.wrapping import as_total
from macsmith.host.int64s import Int64s


class LogShiftModel:
    """Bit-exact model of `log-shift`.

    Parameters
    ----------
    spec:
        Any object with its parameters and totals.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        spec = self.spec
        sign, power = _parts(fields["w"], spec.weight_exponent_bits)
        numbers = fields["a"]
        if spec.logs == "both":
            # Without a sign the bit above the power is zero.
            numbers, more = _parts(fields["a"], spec.act_exponent_bits)
            power = power + more
        products = sign * numbers
        if spec.base == "two":
            return {"sum": (products << power).sum(axis=(1, 2))[:, np.newaxis]}
        shifted = products << (power >> 1)
        even, odd = (
            as_total(spec, name, (shifted * (power % 2 == kind)).sum(axis=(1, 2)))
            for kind, name in enumerate(("even", "odd"))
        )
        if spec.root_bits == 0:
            return {"even": even[:, np.newaxis], "odd": odd[:, np.newaxis]}
        root = round(float(np.sqrt(2)) * 2**spec.root_bits)
        return {"sum": ((even << spec.root_bits) + odd * root)[:, np.newaxis]}


def _parts(codes: Int64s, bits: int) -> tuple[Int64s, Int64s]:
    """Return signs, 0 for zero, and powers, of codes."""
    stored = codes & (1 << bits) - 1
    sign = np.where(codes >> bits == 1, -1, 1)
    return np.where(stored == 0, 0, sign), (stored - 1).clip(0)
