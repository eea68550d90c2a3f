"""Model of processing elements for floating point and integers: each lane by itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.formats.number_codes import decode
from macsmith.golden.fp.fp_dot import FpDotModel
from macsmith.host.int64s import Int64s

_ACC = 1 << 16


class FpIntModel:
    """Bit-exact model of `fp-int-merged` and `fp-int-separate`.

    Parameters
    ----------
    spec:
        Any object with its parameters, and ``dot``, what a lane computes of floating point.
    """

    def __init__(self, spec: Any) -> None:
        self.spec, self.floating = spec, FpDotModel(spec.dot)

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        packets, beats, count = fields["a"].shape
        lanes = self.spec.lanes
        parts = {name: fields[name].reshape(packets, beats, lanes, count // lanes) for name in "ab"}
        if point.a.integer:
            a, b = (decode(point.a, parts[name]).astype(np.int64) for name in "ab")
            totals = (a * b).sum(axis=(1, 3))
            return {"sum": (totals + _ACC // 2) % _ACC - _ACC // 2}
        alone = {
            name: np.moveaxis(one, 2, 1).reshape(packets * lanes, beats, -1)
            for name, one in parts.items()
        }
        codes = self.floating.respond(point, alone)["sum"]
        return {"sum": codes.reshape(packets, lanes)}
