"""Model of dot products of fixed point with two scales."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s


class BiscaledModel:
    """Bit-exact model of `biscaled`.

    Parameters
    ----------
    spec:
        Any object with its parameters.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        self.steps = {"a": spec.act_step, "w": spec.weight_step}

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        a, w = fields["a"], fields["w"]
        if not self.spec.listed:
            shift = sum(
                (step * fields[f"wide_{name}"] for name, step in self.steps.items() if step),
                np.zeros_like(a),
            )
            return {"sum": (a * w << shift).sum(axis=(1, 2))[:, np.newaxis]}
        packets, beats, products = a.shape
        block = self.spec.block
        entry = fields["entry"][:, :, 0] == 1
        wide = {name: np.zeros((packets, block), np.bool_) for name, step in self.steps.items()}
        at, total = np.zeros((2, packets), np.int64)
        error = np.zeros(packets, np.bool_)
        rows = np.arange(packets)
        for beat in range(beats):
            lists = entry[:, beat]
            for name, step in self.steps.items():
                if not step:
                    continue
                has = lists & (fields[f"has_{name}"][:, beat, 0] == 1)
                place = fields[f"place_{name}"][:, beat, 0]
                legal = has & (at == 0) & (place < block)
                error |= has & ~legal
                wide[name][rows[legal], place[legal]] = True
            lanes = at[:, np.newaxis] + np.arange(products)
            shift = sum(
                (
                    step * wide[name][rows[:, np.newaxis], lanes]
                    for name, step in self.steps.items()
                ),
                np.zeros((packets, products), np.int64),
            )
            total += np.where(lists, 0, (a[:, beat] * w[:, beat] << shift).sum(axis=1))
            at = np.where(lists, at, at + products)
            ended = at == block
            at[ended] = 0
            for one in wide.values():
                one[ended] = False
        return {"sum": total[:, np.newaxis], "error": error[:, np.newaxis].astype(np.int64)}
