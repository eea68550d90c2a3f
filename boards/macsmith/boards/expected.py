"""What the self-test must arrive at, by the golden model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.formats.stream_words import pack, words_to_ints
from macsmith.golden.catalog import golden
from macsmith.host.int64s import Int64s

from .stimulus import LENGTH_BITS, LfsrSpec, operands, signature_width

Bits = NDArray[np.int8]

BEATS = 1 << 16
"""Beats of a run: about 10 ms at 12 MHz with one a cycle, 0.2 s in the slowest serial style."""


@dataclass(frozen=True)
class Expected:
    """A run's outcome: its complete accumulations and the signature over them."""

    results: int
    signature: int


def expect(name: str, spec: Any, beats: int = BEATS) -> Expected:
    """Return the outcome of the accumulations that end within the first ``beats`` beats.

    Parameters
    ----------
    name:
        The unit's name in the catalogue.
    spec:
        Its specification.
    """
    results = _results(name, spec, draw(spec, beats))
    return Expected(results=len(results), signature=sign(results, signature_width(spec)))


def draw(spec: Any, beats: int) -> Bits:
    """Return the random bits of each beat: activation field, weight field, length bits."""
    parts = [
        sequence(part, beats * part.width).reshape(beats, part.width) for part in operands(spec)
    ]
    return np.hstack(parts)


def sequence(spec: LfsrSpec, count: int) -> Bits:
    """Return the first ``count`` bits of a shift register sequence."""
    degree, tap, reach = spec.degree, spec.tap, spec.reach
    bits = np.zeros(degree + count + reach, np.int8)
    bits[:degree] = [spec.seed >> index & 1 for index in range(degree)]
    for start in range(0, count, reach):
        old = bits[start : start + reach]
        bits[start + degree : start + degree + reach] = old ^ bits[start + tap : start + degree]
    return bits[:count]


def sign(results: list[int], width: int) -> int:
    """Return the signature: the results as a polynomial modulo ``x^width + x + 1`` over GF(2)."""
    signature = 0
    for result in results:
        signature <<= 1
        if signature >> width:
            signature ^= 1 << width | 0b11
        signature ^= result
    return signature


def _results(name: str, spec: Any, beats: Bits) -> list[int]:
    """Return the output payloads of the accumulations that end within ``beats``."""
    model = golden(name, spec)
    last = ~beats[:, -LENGTH_BITS:].any(axis=1)
    ends = np.flatnonzero(last)
    starts = np.concatenate([[0], ends[:-1] + 1])
    payloads = [0] * len(ends)
    count = len(spec.modes)
    for index, mode in enumerate(spec.modes):
        lanes = model.lanes(mode)
        # Shorter accumulations are padded by beats of zeros, which add nothing.
        offsets = np.arange((ends - starts).max() + 1)
        rows = starts[index::count, None] + offsets
        inside = rows <= ends[index::count, None]
        chosen = beats[np.minimum(rows, len(beats) - 1)] * inside[..., None]
        acts = _lanes(chosen, lanes.acts, mode.act_bits, spec.act_signed)
        weights = _lanes(
            chosen[..., spec.act_port_width :], lanes.weights, mode.weight_bits, spec.weight_signed
        )
        sums = model.accumulate(mode, acts, weights)
        payloads[index::count] = words_to_ints(pack(spec.outputs(mode)["o"], {"acc": sums}))
    return payloads


def _lanes(bits: Bits, lanes: int, width: int, signed: bool) -> Int64s:
    """Return the operands in the low bits of a field, shape (..., lanes)."""
    weights = np.int64(1) << np.arange(width, dtype=np.int64)
    if signed:
        weights[-1] *= -1
    fields = bits[..., : lanes * width].reshape(*bits.shape[:-1], lanes, width)
    return fields @ weights
