"""Values of fields as stream payloads: bit fields in little-endian words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.stream import LAST, POINT, Field, Layout
from macsmith.formats.field_values import coded, coded_anyhow
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


def pack(
    layout: Layout,
    fields: Mapping[str, Int64s],
    point: int = 0,
    last: NDArray[np.bool_] | None = None,
    junk: np.random.Generator | None = None,
) -> Words:
    """Return payloads of a stream, shape (beats, words).

    Parameters
    ----------
    fields:
        Values of each field of the layout, shape (beats, lanes).
    point:
        Index of the point, for the field that tells it.
    last:
        Whether a beat ends its packet, shape (beats,), for the field that tells it.
    junk:
        Chooses among the codes of a value where a format has several, and fills bits that no field
        has; the usual codes, and zeros, if None.

    Raises
    ------
    UserError
        If a value has no code in its field's format.
    """
    count = len(next(iter(fields.values())))
    words = np.zeros((count, words_for(layout.width)), np.uint64)
    for field in layout.fields:
        if field.role == POINT:
            place(words, np.full(count, point, np.int64), field.bits, field.offset)
        elif field.role == LAST:
            ends = np.ones(count, np.bool_) if last is None else last
            place(words, ends.astype(np.int64), field.bits, field.offset)
        else:
            values = fields[field.name]
            codes = (
                coded(values, field.format)
                if junk is None
                else coded_anyhow(values, field.format, junk)
            )
            _place_lanes(words, field, codes)
    return words if junk is None else with_junk(words, layout, junk)


def _place_lanes(words: Words, field: Field, values: Int64s) -> None:
    for lane in range(field.lanes):
        place(words, values[:, lane], field.bits_of(lane), field.offset + lane * field.bits)


def with_junk(words: Words, layout: Layout, rng: np.random.Generator) -> Words:
    """Return payloads with random bits wherever the layout has no field."""
    octets = layout.ignored.to_bytes(8 * words.shape[1], "little")
    ignored = np.frombuffer(octets, np.uint64)
    if not ignored.any():
        return words
    return words | rng.integers(0, 1 << 64, words.shape, np.uint64) & ignored


def unpack(layout: Layout, words: Words) -> dict[str, Int64s]:
    """Return the values of each field of payloads, codes as they are, shape (beats, lanes)."""
    return {
        field.name: np.stack(
            [
                take(words, field.bits, field.offset + lane * field.bits, field.signed)
                for lane in range(field.lanes)
            ],
            axis=1,
        )
        for field in layout.values
    }


def operand_range(bits: int, signed: bool) -> tuple[int, int]:
    """Return the least and the greatest value of an operand."""
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


def words_to_ints(words: Words) -> list[int]:
    """Return each row of words as one Python integer."""
    return [int.from_bytes(row.tobytes(), "little") for row in words]


def ints_to_words(numbers: Sequence[int], bits: int) -> Words:
    """Return integers of so many bits as rows of words."""
    size = words_for(bits)
    octets = b"".join(number.to_bytes(WORD // 8 * size, "little") for number in numbers)
    return np.frombuffer(octets, np.uint64).reshape(len(numbers), size)


def hexadecimal(words: Any) -> str:
    """Return a row of words as one number in hexadecimal."""
    return hex(int.from_bytes(words.tobytes(), "little"))
