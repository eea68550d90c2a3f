"""Encodings of sparse matrices: round trips, published vectors and sizes, refusals."""

import itertools
from collections.abc import Callable
from math import comb
from typing import Any, cast

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.formats import nvidia_2_4
from macsmith.formats.dbb_storage import FORMS, block_bits, pack, stored_bits, unpack
from macsmith.formats.density_bound import DensityBound, encode, needed_passes
from macsmith.formats.pruning import keep_largest, pruning_loss
from macsmith.formats.zero_flags import flagged_bits, gating, zero_flags

EVERY_BOUND = [(block, k) for block in (4, 8, 16) for k in range(1, block + 1)]


def sparse(seed: int, rows: int, columns: int, density: float) -> np.ndarray:
    """Return a matrix of INT8 with about that share of non-zeros."""
    rng = np.random.default_rng(seed)
    return rng.integers(-128, 128, (rows, columns)) * (rng.random((rows, columns)) < density)


def bounded(seed: int, rows: int, columns: int, block: int, nonzeros: int) -> np.ndarray:
    """Return a matrix of INT8 within a bound, its fullest blocks as full as allowed."""
    rng = np.random.default_rng(seed)
    whole = rng.integers(1, 128, (columns, -(-rows // block), block)) * rng.choice([-1, 1])
    rank = rng.random(whole.shape).argsort(axis=-1).argsort(axis=-1)
    return np.where(rank < nonzeros, whole, 0).reshape(columns, -1)[:, :rows].T


@pytest.mark.parametrize(("block", "nonzeros"), EVERY_BOUND)
@pytest.mark.parametrize("rows", [1, 37, 64])
def test_round_trip(block: int, nonzeros: int, rows: int) -> None:
    matrix = bounded(block * 100 + nonzeros, rows, 5, block, nonzeros)
    encoded = encode(matrix, block, nonzeros)
    assert encoded.passes == 1
    assert np.array_equal(encoded.decode(), matrix)
    slots = np.arange(nonzeros)
    assert (encoded.places >= slots).all() and (encoded.offsets <= block - nonzeros).all()
    assert (encoded.places <= block - nonzeros + slots).all() and (encoded.offsets >= 0).all()
    for form in FORMS:
        data = pack(encoded, form, 8)
        assert len(data) == -(-stored_bits(encoded, form, 8) // 8)
        again = unpack(data, form, 8, block=block, nonzeros=nonzeros, rows=rows, columns=5)
        assert np.array_equal(again.places, encoded.places)
        assert np.array_equal(again.values, encoded.values)


@pytest.mark.parametrize(("block", "nonzeros"), [(4, 1), (4, 2), (4, 3), (8, 2), (8, 3), (8, 4)])
def test_every_pattern_of_a_block(block: int, nonzeros: int) -> None:
    """All patterns of zeros as columns; the s-th non-zero comes in order."""
    patterns = np.array(list(itertools.product([0, 1], repeat=block)))
    patterns = patterns[patterns.sum(axis=1) <= nonzeros]
    assert len(patterns) == sum(comb(block, kept) for kept in range(nonzeros + 1))
    matrix = patterns.T * np.arange(1, block + 1)[:, np.newaxis]
    encoded = encode(matrix, block, nonzeros)
    assert np.array_equal(encoded.decode(), matrix)
    for column, values in enumerate(encoded.values[0, :, 0]):
        assert values[values != 0].tolist() == matrix[matrix[:, column] != 0, column].tolist()
    for form in FORMS:
        data = pack(encoded, form, 5)
        again = unpack(
            data, form, 5, block=block, nonzeros=nonzeros, rows=block, columns=len(patterns)
        )
        assert np.array_equal(again.decode(), matrix)


@pytest.mark.parametrize(("block", "nonzeros"), EVERY_BOUND)
def test_dense_blocks_take_passes(block: int, nonzeros: int) -> None:
    matrix = sparse(3, 3 * block + 1, 4, 1.0)
    matrix[matrix == 0] = 1
    encoded = encode(matrix, block, nonzeros, passes=None)
    assert encoded.passes == needed_passes(matrix, block, nonzeros) == -(-block // nonzeros)
    assert np.array_equal(encoded.decode(), matrix)
    data = pack(encoded, "index", 8)
    again = unpack(data, "index", 8, block=block, nonzeros=nonzeros, rows=len(matrix), columns=4,
                   passes=encoded.passes)  # fmt: skip
    assert np.array_equal(again.decode(), matrix)


def test_one_nonzero_a_pass_is_the_time_unrolled_form() -> None:
    """Pass p of one multiplier is slot p of k of them, wherever a block has k non-zeros."""
    matrix = bounded(5, 64, 6, 8, 4)
    unrolled, spatial = encode(matrix, 8, 1, passes=None), encode(matrix, 8, 4)
    assert (unrolled.passes, spatial.passes) == (4, 1)
    assert np.array_equal(unrolled.values[..., 0], np.moveaxis(spatial.values[0], -1, 0))
    assert np.array_equal(unrolled.places[..., 0], np.moveaxis(spatial.places[0], -1, 0))
    assert encode(sparse(1, 40, 3, 0.0), 8, 1, passes=None).passes == 1


def test_published_sizes() -> None:
    """STA-DBB, INT8 blocks of 8; Ampere, FP16 and INT8."""
    sizes = {k: [block_bits(form, 8, k, 8) for form in FORMS] for k in (4, 3, 2)}
    assert sizes == {4: [40, 44], 3: [32, 33], 2: [24, 22]}
    assert block_bits("index", 4, 2, 16) / 64 == 0.5625
    assert block_bits("index", 4, 2, 8) / 32 == 0.625


def test_worked_example() -> None:
    """The one of docs/sparse-formats.md."""
    encoded = encode(np.array([[0, 7, 0, 0, -3, 0, 0, 5]]).T, 8, 4)
    assert encoded.values.tolist() == [[[[0, 7, -3, 5]]]]
    assert encoded.places.tolist() == [[[[0, 1, 4, 7]]]]
    assert encoded.offsets.tolist() == [[[[0, 0, 2, 4]]]]
    assert pack(encoded, "bitmask", 8).hex(" ") == "93 00 07 fd 05"
    assert pack(encoded, "index", 8).hex(" ") == "08 0f 70 d0 5f 00"


def test_bytes_are_in_order() -> None:
    """Pass by pass, column by column, block by block; unsigned and odd widths too."""
    matrix = np.array([[1, 9], [2, 10], [3, 0], [4, 0], [5, 11], [0, 0], [6, 0], [0, 0]])
    encoded = encode(matrix, 4, 2, passes=2)
    order = [[1, 2], [5, 6], [9, 10], [11, 0], [3, 4], [0, 0], [0, 0], [0, 0]]
    assert encoded.values.reshape(-1, 2).tolist() == order
    data = pack(encoded, "bitmask", 5, signed=False)
    numbers = int.from_bytes(data, "little")
    fields = [numbers >> (14 * block) & (2**14 - 1) for block in range(8)]
    masks = [0b0011, 0b0101, 0b0011, 0b0011, 0b1100, 0b0011, 0b0011, 0b0011]
    assert fields == [
        mask | pair[0] << 4 | pair[1] << 9 for mask, pair in zip(masks, order, strict=True)
    ]


BAD_BYTES = [
    ("bitmask", "ff 00 07 fd 05", "bitmask of block 0 of column 0 must have 4 ones, not 8"),
    ("bitmask", "13 00 07 fd 05", "bitmask of block 0 of column 0 must have 4 ones, not 3"),
    ("bitmask", "93 00 07 fd", "data must have 5 bytes, not 4"),
    ("index", "08 0f 70 d0 5f 80", "bits after the last block must be zero, not one"),
    ("index", "09 0f 70 d0 5f 00", "places of block 0 of column 0 must rise from 0 to 7, not [1, 1, 4, 7]"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "data", "sentence"), BAD_BYTES)
def test_bad_bytes(form: str, data: str, sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        unpack(bytes.fromhex(data), form, 8, block=8, nonzeros=4, rows=8, columns=1)
    assert str(raised.value) == sentence


def test_refusals() -> None:
    matrix = np.zeros((20, 7), np.int64)
    matrix[[12, 13, 15], 5] = 1
    one, halves = np.ones((4, 1), np.int64), cast(Any, matrix * 0.5)
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: encode(matrix, 4, 2), "block 3 of column 5 must have at most 2 non-zeros, not 3"),
        (lambda: encode(matrix, 4, 1, passes=2), "block 3 of column 5 must have at most 2 x 1 non-zeros, not 3"),
        (lambda: encode(matrix, 5, 2), "block must be one of 2, 4, 8, 16, not 5"),
        (lambda: encode(matrix, 4, 5), "nonzeros must be from 1 to block = 4, not 5"),
        (lambda: encode(matrix, 4, 0), "nonzeros must be from 1 to block = 4, not 0"),
        (lambda: encode(halves, 4, 2), "matrix must be whole numbers in rows and columns, not float64 of shape (20, 7)"),
        (lambda: pack(encode(one * 200, 4, 4), "index", 8), "weights of 8 bits must be from -128 to 127, not 200"),
        (lambda: pack(encode(one, 4, 4), "csr", 8), "form must be bitmask or index, not 'csr'"),
        (lambda: nvidia_2_4.write(encode(one, 4, 4)), "the 2:4 format must have blocks 2:4, or 1:2 for TF32, in one pass, not 4:4 in 1"),
        (lambda: nvidia_2_4.write(encode(one, 4, 2, passes=2)), "the 2:4 format must have blocks 2:4, or 1:2 for TF32, in one pass, not 2:4 in 2"),
        (lambda: nvidia_2_4.read(np.zeros((1, 16), np.int64), np.full((1, 1), 0x44447444, np.uint32), 32), "metadata nibble of group 3 of column 0 must be one of 0x4, 0x8, 0xC, 0x9, 0xD, 0xE, not 0x7"),
        (lambda: nvidia_2_4.read(np.zeros((1, 8), np.int64), np.full((1, 1), 0xE4E4E4E8, np.uint32), 16, block=2), "metadata nibble of group 0 of column 0 must be one of 0x4, 0xE, not 0x8"),
        (lambda: nvidia_2_4.read(np.ones((1, 16), np.int64), np.full((1, 1), 0xE4444444, np.uint32), 30), "values beyond row 30 must be zero, not that of row 30 of column 0"),
        (lambda: nvidia_2_4.read(np.ones((1, 16), np.int64), np.full((1, 1), 0x44444444, np.uint32), 33), "metadata of 1 x 1 words must come with 16 values a column for 32 rows at most, not (1, 16) for 33"),
        (lambda: nvidia_2_4.read(np.ones((1, 16), np.int64), np.full((1, 1), 0x44444444, np.uint32), 33, block=8), "block must be 4, or 2 for TF32, not 8"),
        (lambda: DensityBound(block=4, nonzeros=2, rows=8, values=np.ones((1, 1, 1, 2), np.int64), places=np.ones((1, 1, 1, 2), np.int64)), "values and places must have 2 blocks of 2 in each column, not (1, 2) and (1, 2)"),
    ]  # fmt: skip
    for attempt, sentence in cases:
        with pytest.raises(UserError) as raised:
            attempt()
        assert str(raised.value) == sentence


def test_nvidia_nibbles_are_the_published_ones() -> None:
    published = {(0, 1): 0x4, (0, 2): 0x8, (0, 3): 0xC, (1, 2): 0x9, (1, 3): 0xD, (2, 3): 0xE}
    for pair, nibble in published.items():
        column = np.zeros((4, 1), np.int64)
        column[list(pair), 0] = 11, 12
        values, metadata = nvidia_2_4.write(encode(column, 4, 2))
        assert values[0, :2].tolist() == [11, 12] and not values[0, 2:].any()
        assert metadata.dtype == np.uint32 and metadata.tolist() == [[0x44444440 | nibble]]


def test_nvidia_word_holds_eight_groups_lowest_first() -> None:
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (0, 3), (1, 2)]
    column = np.zeros((32, 1), np.int64)
    for group, (first, second) in enumerate(pairs):
        column[[4 * group + first, 4 * group + second], 0] = 2 * group + 1, 2 * group + 2
    values, metadata = nvidia_2_4.write(encode(column, 4, 2))
    assert metadata.tolist() == [[0x9CED9C84]]
    assert values.tolist() == [list(range(1, 17))]
    # Explicit zeros at any legal pair: what another writer may have put there.
    zeros, other = np.zeros((1, 16), np.int64), np.array([[0xEEEE4444]], np.uint32)
    assert not nvidia_2_4.read(zeros, other, 32).decode().any()


@pytest.mark.parametrize(("block", "rows"), [(4, 64), (4, 70), (4, 3), (2, 32), (2, 19)])
def test_nvidia_round_trip(block: int, rows: int) -> None:
    matrix = bounded(rows, rows, 9, block, block // 2) * (np.arange(9) % 3 > 0)
    encoded = encode(matrix, block, block // 2)
    values, metadata = nvidia_2_4.write(encoded)
    words = -(-rows // (8 * block))
    assert metadata.shape == (9, words) and values.shape == (9, words * 4 * block)
    again = nvidia_2_4.read(values, metadata, rows, block)
    assert np.array_equal(again.decode(), matrix)
    assert np.array_equal(again.places, encoded.places)
    assert np.array_equal(again.values, encoded.values)


def test_tf32_nibbles() -> None:
    column = np.array([[5], [0], [0], [6]])
    values, metadata = nvidia_2_4.write(encode(column, 2, 1))
    assert metadata.tolist() == [[0x444444E4]] and values[0, :2].tolist() == [5, 6]


def test_zero_flags_count_what_stands_still() -> None:
    acts, weights = sparse(1, 30, 12, 0.5), sparse(2, 12, 20, 0.3)
    products = acts[:, :, np.newaxis] * weights[np.newaxis]
    saved = gating(acts, weights)
    assert saved.idle_products == pytest.approx(np.mean(products == 0))
    assert saved.act_zeros == np.mean(acts == 0) == zero_flags(acts).mean()
    assert saved.weight_zeros == np.mean(weights == 0)
    assert flagged_bits(np.array([[0, 3], [0, 0]]), 8) == 4 + 8


def test_largest_activations_are_kept() -> None:
    acts = np.array([[3, 9, 9, 1, 0, 9, 2, 9], [-5, 5, 4, 0, 0, 0, 0, 0]])
    assert keep_largest(acts, 8, 3).tolist() == [
        [0, 9, 9, 0, 0, 9, 0, 0],
        [-5, 5, 4, 0, 0, 0, 0, 0],
    ]
    assert keep_largest(acts, 4, 1).tolist() == [
        [0, 9, 0, 0, 0, 9, 0, 0],
        [-5, 0, 0, 0, 0, 0, 0, 0],
    ]
    loss = pruning_loss(acts, 8, 3)
    assert (loss.blocks, loss.nonzeros) == (0.5, 4 / 10)
    assert loss.magnitude == 15 / 56
    assert loss.rms == pytest.approx((95 / 404) ** 0.5)


@pytest.mark.parametrize(("block", "nonzeros"), EVERY_BOUND)
def test_pruned_activations_are_within_the_bound(block: int, nonzeros: int) -> None:
    acts = sparse(9, 11, 45, 0.7)
    kept = keep_largest(acts, block, nonzeros)
    encoded = encode(kept.T, block, nonzeros)
    assert np.array_equal(encoded.decode().T, kept)
    lost = acts - kept
    for first in range(0, 45, block):
        part = slice(first, first + block)
        smallest = np.where(kept[:, part] != 0, np.abs(kept[:, part]), 999).min(axis=1)
        assert (np.abs(lost[:, part]).max(axis=1) <= smallest).all()
    assert (pruning_loss(acts, block, nonzeros).blocks == 0) == (not lost.any())
