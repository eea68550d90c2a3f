"""Operands and accumulators as the unit's stream payloads: bit fields in little-endian words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.formats.ebsp_codes import encode
from macsmith.host.int64s import Int64s

Words = NDArray[np.uint64]
WORD = 64


def words_for(bits: int) -> int:
    """Return the 64-bit words that hold ``bits`` bits."""
    return max(1, -(-bits // WORD))


def place(words: Words, values: Int64s, bits: int, offset: int) -> None:
    """Write ``values`` modulo ``2 ** bits`` into ``words[:, ...]`` from bit ``offset`` up.

    Parameters
    ----------
    words:
        Zeros where the field goes, shape (n, words).
    values:
        Shape (n,); sign-extended if the field is wider than 64 bits.
    """
    for start in range(0, bits, WORD):
        chunk = (values >> np.int64(min(start, WORD - 1))).astype(np.uint64)
        width = min(bits - start, WORD)
        if width < WORD:
            chunk &= np.uint64((1 << width) - 1)
        index, shift = divmod(offset + start, WORD)
        words[:, index] |= chunk << np.uint64(shift)
        if shift and shift + width > WORD:
            words[:, index + 1] |= chunk >> np.uint64(WORD - shift)


def take(words: Words, bits: int, offset: int, signed: bool) -> Int64s:
    """Return the field of up to 64 bits that `place` wrote from bit ``offset`` up, shape (n,)."""
    index, shift = divmod(offset, WORD)
    raw = words[:, index] >> np.uint64(shift)
    if shift + bits > WORD:
        raw = raw | words[:, index + 1] << np.uint64(WORD - shift)
    unused = np.uint64(WORD - bits)
    if signed:
        return (raw << unused).view(np.int64) >> np.int64(WORD - bits)
    return ((raw << unused) >> unused).view(np.int64)


def pack_beats(
    spec: Any, mode: int, acts: Int64s, weights: Int64s, last: NDArray[np.bool_]
) -> Words:
    """Return input payloads, shape (beats, words).

    Parameters
    ----------
    spec:
        Specification of the unit.
    mode:
        Index of the mode in ``spec.modes``.
    acts, weights:
        Operand values, shape (beats, lanes).
    last:
        Whether a beat ends its accumulation, shape (beats,).

    Raises
    ------
    UserError
        If the unit takes weights encoded, and one has no code.
    """
    precision = spec.modes[mode]
    mode_bits = (len(spec.modes) - 1).bit_length()
    used = spec.act_port_width + spec.weight_port_width
    words = np.zeros((len(last), words_for(used + mode_bits + 1)), np.uint64)
    for lane in range(acts.shape[1]):
        place(words, acts[:, lane], precision.act_bits, lane * precision.act_bits)
    weight_bits = spec.weight_field_bits(precision)
    if getattr(spec, "steering", None) == "stored":
        weights = encode(weights, spec.weight_width, spec.pattern, spec.code)
    for lane in range(weights.shape[1]):
        place(words, weights[:, lane], weight_bits, spec.act_port_width + lane * weight_bits)
    place(words, np.full(len(last), mode, np.int64), mode_bits, used)
    place(words, last.astype(np.int64), 1, used + mode_bits)
    return words


def pack_results(spec: Any, results: Int64s, acc_bits: int) -> Words:
    """Return output payloads of accumulators of shape (results, slots).

    The last slot is extended to the port's top, by its sign unless all is unsigned.
    """
    slots = results.shape[1]
    words = np.zeros((len(results), words_for(spec.result_width)), np.uint64)
    for slot in range(slots):
        top = slot == slots - 1
        bits = spec.result_width - slot * acc_bits if top else acc_bits
        place(words, results[:, slot], bits, slot * acc_bits)
    return words


def operand_range(bits: int, signed: bool) -> tuple[int, int]:
    """Return the least and the greatest value of an operand."""
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


def words_to_ints(words: Words) -> list[int]:
    """Return each row of words as one Python integer."""
    return [int.from_bytes(row.tobytes(), "little") for row in words]
