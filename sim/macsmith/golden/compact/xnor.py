"""Model of dot products with binary weights."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.golden.compact.wrapping import as_total
from macsmith.host.int64s import Int64s


class XnorModel:
    """Bit-exact model of `xnor`.

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
        acts = 2 * fields["a"] - 1 if spec.acts == "bipolar" else fields["a"]
        weights = 2 * fields["w"] - 1 if spec.weights == "bipolar" else fields["w"]
        products = acts * weights
        found: dict[str, Int64s] = {}
        if spec.tail == "mask":
            products = products * fields["mask"]
        if spec.tail == "count":
            used = fields["used"]
            products = np.where(np.arange(spec.products) < used, products, 0)
            found["error"] = (used > spec.products).any(axis=1).astype(np.int64)
        total = products.sum(axis=(1, 2))[:, np.newaxis]
        if spec.output == "sum":
            return {"sum": total, **found}
        reaches = as_total(spec, "sum", total) >= fields["threshold"][:, -1]
        return {"bit": reaches ^ fields["flip"][:, -1], **found}
