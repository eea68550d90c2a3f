"""Model of dynamic activation pruning: what is kept of a block, and where it lay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s


@dataclass(frozen=True, kw_only=True, eq=False)
class Kept:
    """What is kept of some blocks; what is beyond ``count`` is zero.

    Members
    -------
    values, places:
        Kept activations and where they lay, in rising places, shape (blocks, block).
    mask:
        Bit i set where place i is kept, shape (blocks,).
    count:
        How many are kept, shape (blocks,).
    lossy:
        Whether one that is not zero was dropped, shape (blocks,).
    """

    values: Int64s
    places: Int64s
    mask: Int64s
    count: Int64s
    lossy: Int64s


class DapModel:
    """Bit-exact model of a unit of dynamic activation pruning.

    Parameters
    ----------
    spec:
        Any object with ``block``, ``nonzeros`` and ``form``.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        blocks = fields["values"][:, 0]
        kept = self.prune(blocks, np.full(len(blocks), point.count))
        places = kept.mask[:, np.newaxis] if self.spec.form == "bitmask" else kept.places
        return {
            "values": kept.values,
            "places": places,
            "kept": kept.count[:, np.newaxis],
            "lossy": kept.lossy[:, np.newaxis],
        }

    def prune(self, blocks: Int64s, keep: Int64s) -> Kept:
        """Return the ``keep`` largest magnitudes of each block, of equal ones the lowest places.

        Parameters
        ----------
        blocks:
            Activations, shape (blocks, block).
        keep:
            How many to keep of each; 0, and more than ``nonzeros``, keep all.
        """
        block = self.spec.block
        count = np.where((keep == 0) | (keep > self.spec.nonzeros), block, keep)
        # Sorting is stable, so a magnitude's rank also counts equal ones at lower places.
        order = np.argsort(-np.abs(blocks), axis=1, kind="stable")
        rank = np.argsort(order, axis=1)
        kept = rank < count[:, np.newaxis]
        # Those that are kept come first, in rising places.
        gathered = np.argsort(~kept, axis=1, kind="stable")
        filled = np.arange(block) < count[:, np.newaxis]
        return Kept(
            values=np.where(filled, np.take_along_axis(blocks, gathered, axis=1), 0),
            places=np.where(filled, gathered, 0),
            mask=(kept << np.arange(block)).sum(axis=1),
            count=count,
            lossy=(~kept & (blocks != 0)).any(axis=1).astype(np.int64),
        )
