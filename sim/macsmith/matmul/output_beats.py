"""Beats of an array's sums taken apart: sums, scales of their blocks, ends of tiles."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.stream import LAST, Layout
from macsmith.formats.stream_words import Words, pack, take, unpack
from macsmith.golden.array_sums import SCALE_PLACE
from macsmith.host.int64s import Int64s


def _layout(spec: Any) -> Layout:
    ((_, layout),) = spec.outputs(spec.points[0]).items()
    found: Layout = layout
    return found


def sums_of(spec: Any, payloads: Words) -> Int64s:
    """Return the sums of output payloads, shape (beats, lanes), the scale of its block above each.

    See `SCALE_PLACE`.
    """
    fields = unpack(_layout(spec), payloads)
    sums = fields["sums"]
    if "scale" in fields:
        scales = fields["scale"]
        sums = sums | np.repeat(scales, sums.shape[1] // scales.shape[1], axis=1) << SCALE_PLACE
    return sums


def lasts_of(spec: Any, payloads: Words) -> NDArray[np.bool_]:
    """Return which output payloads say that they end their tile."""
    (field,) = (field for field in _layout(spec).fields if field.role == LAST)
    return take(payloads, 1, field.offset, signed=False).astype(np.bool_)


def beats_of(spec: Any, sums: Int64s, lasts: NDArray[np.bool_]) -> Words:
    """Return the payloads of sums, shape (beats, lanes), as `sums_of` has them."""
    fields = {"sums": sums}
    if spec.scales:
        every = sums.shape[1] // spec.scales
        fields = {"sums": sums & (1 << SCALE_PLACE) - 1, "scale": sums[:, ::every] >> SCALE_PLACE}
    return pack(_layout(spec), fields, last=lasts)
