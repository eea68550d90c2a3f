"""Model of dot products with ternary weights."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.golden.compact.wrapping import as_total
from macsmith.host.int64s import Int64s


class TernaryModel:
    """Bit-exact model of `trits`.

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
        weights, wrong = self._numbers(fields["w"])
        acts = fields["a"]
        if spec.acts == "trits":
            acts, more = self._numbers(acts)
            wrong = wrong | more
        found = {"error": wrong.any(axis=1)[:, np.newaxis].astype(np.int64)}
        if spec.scales == "one":
            return {"sum": (acts * weights).sum(axis=(1, 2))[:, np.newaxis], **found}
        positive = (acts * (weights == 1)).sum(axis=(1, 2))
        negative = (acts * (weights == -1)).sum(axis=(1, 2))
        if spec.scales == "two-sums":
            return {"positive": positive[:, np.newaxis], "negative": negative[:, np.newaxis],
                    **found}  # fmt: skip
        positive = as_total(spec, "positive", positive) * fields["scale_p"][:, -1, 0]
        negative = as_total(spec, "negative", negative) * fields["scale_n"][:, -1, 0]
        return {"sum": (positive - negative)[:, np.newaxis], **found}

    def _numbers(self, codes: Int64s) -> tuple[Int64s, Any]:
        """Return -1, 0 or 1 for each lane, and of each beat whether a code means nothing."""
        if self.spec.packing == "two-bit":
            values = np.array([0, 1, 0, -1])[codes]
            return values, (codes == 2).any(axis=2)
        legal = codes < 3**5
        digits = [codes // 3**place % 3 - 1 for place in range(5)]
        values = np.stack([np.where(legal, digit, 0) for digit in digits], axis=-1)
        return values.reshape(*codes.shape[:2], -1), ~legal.all(axis=2)
