"""Models of crossbars of memory cells: the digital unit, and an analog one with noise."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from macsmith.host.int64s import Int64s


class CrossbarModel:
    """Bit-exact model of `crossbar`, of packets that bring the cells that they use.

    Parameters
    ----------
    spec:
        Any object with its parameters.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        bits = spec.adc_bits or 63
        self.clip = (1 << bits) - 1

    def respond(self, point: Any, fields: Mapping[str, Int64s]) -> dict[str, Int64s]:
        """See `macsmith.golden.catalog.GoldenModel`."""
        spec = self.spec
        packets, beats, columns = fields["w"].shape
        cells = np.zeros((packets, spec.products, columns), np.int64)
        total = np.zeros((packets, columns), np.int64)
        plane = np.zeros(packets, np.int64)
        error = np.zeros(packets, np.bool_)
        rows = np.arange(packets)
        for beat in range(beats):
            loads = fields["load"][:, beat, 0] == 1
            row = fields["row"][:, beat, 0]
            error |= loads & (row >= spec.products)
            writes = loads & (row < spec.products)
            cells[rows[writes], row[writes]] = fields["w"][writes, beat]
            read = np.zeros((packets, columns), np.int64)
            on = fields["bits"][:, beat, :, np.newaxis]
            for sign in (1, -1):
                part = (sign * cells).clip(0)
                for low in range(0, spec.weight_bits, spec.cell_bits):
                    slice_ = part >> low & (1 << spec.cell_bits) - 1
                    read += sign * (on * slice_).sum(axis=1).clip(None, self.clip) << low
            minus = spec.act_signed & (plane == spec.act_bits - 1)
            place = np.where(minus, -1, 1) * (1 << plane)
            total += np.where(loads, 0, place)[:, np.newaxis] * read
            plane = np.where(loads, plane, (plane + 1) % spec.act_bits)
        return {"sum": total, "error": error[:, np.newaxis].astype(np.int64)}


def analog(
    weights: Int64s,
    acts: Int64s,
    *,
    act_bits: int,
    cell_bits: int,
    adc_bits: int,
    noise: float = 0.0,
    rng: np.random.Generator | None = None,
) -> Int64s:
    """Return products of vectors and a matrix as a crossbar of noisy cells gives them.

    Parameters
    ----------
    weights:
        Whole numbers, shape (rows, columns).
    acts:
        Whole numbers without sign, shape (vectors, rows).
    noise:
        Standard deviation of a cell's conductance, in units of its least step.
    rng:
        Source of the noise.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    width = int(np.abs(weights).max()).bit_length()
    total = np.zeros((len(acts), weights.shape[1]), np.int64)
    for sign in (1, -1):
        part = (sign * weights).clip(0)
        for low in range(0, max(width, 1), cell_bits):
            cells = (part >> low & (1 << cell_bits) - 1) + rng.normal(0, noise, part.shape)
            for plane in range(act_bits):
                current = (acts >> plane & 1) @ cells
                read = np.rint(current).clip(0, (1 << adc_bits) - 1).astype(np.int64)
                total += sign * read << low + plane
    return total
