"""Model of dot products of weights that share values."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.golden.compact.wrapping import wrapped
from macsmith.host.int64s import Int64s


class SharedWeightModel:
    """Bit-exact model of `shared-weight`, of packets that bring what they use.

    Parameters
    ----------
    spec:
        Any object with its parameters.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        spec = self.spec
        packets, beats, _ = fields["a"].shape
        size = 1 << spec.index_bits
        exists = np.arange(size) < spec.entries
        rows = np.arange(packets)
        book, bins, loaded = np.zeros((3, packets, size), np.int64)
        total = np.zeros(packets, np.int64)
        error = np.zeros(packets, np.bool_)
        for beat in range(beats):
            entry = fields["entry"][:, beat, 0] == 1
            place, value = fields["place"][:, beat, 0], fields["value"][:, beat, 0]
            acts, index = fields["a"][:, beat], fields["index"][:, beat]
            legal = exists[place]
            error |= entry & ~legal
            if spec.order == "look-up":
                stores = entry & legal
                book[rows[stores], place[stores]] = value[stores]
                loaded[rows[stores], place[stores]] = 1
                weights = book[rows[:, np.newaxis], index]
                total += np.where(entry, 0, (acts * weights).sum(axis=1))
                unknown = (loaded[rows[:, np.newaxis], index] == 0).any(axis=1)
                error |= ~entry & unknown
            else:
                sums = self._wrapped(bins)
                taken = np.where(legal, sums[rows, place], 0)
                total += np.where(entry, taken * value, 0)
                bins[rows[entry], place[entry]] = 0
                lanes = np.where(entry[:, np.newaxis], 0, acts)
                for lane in range(acts.shape[1]):
                    bins[rows, index[:, lane]] += lanes[:, lane]
                error |= ~entry & ~exists[index].all(axis=1)
        return {"sum": total[:, np.newaxis], "error": error[:, np.newaxis].astype(np.int64)}

    def _wrapped(self, bins: Int64s) -> Int64s:
        shape = self.spec.bin.shape
        return wrapped(bins, shape.width, shape.signed)
