"""Codecs in numpy: published examples, sizes of random data, and what is malformed."""

from collections.abc import Callable

import numpy as np
import pytest

from macsmith.formats.codecs.bit_string import Bits, bits_of, words_of
from macsmith.formats.codecs.bitmask import BitmaskCode
from macsmith.formats.codecs.block import BlockCode
from macsmith.formats.codecs.code import Code
from macsmith.formats.codecs.huffman import HuffmanCode, canonical, complete, optimal
from macsmith.formats.codecs.run_level import PairCode
from macsmith.formats.codecs.zero_run import ZeroRunCode
from macsmith.golden.sparse.codecs import with_ends

CODES: dict[str, Callable[[], Code]] = {
    "zero-run": lambda: ZeroRunCode(3),
    "rlc": lambda: PairCode(3, 2, trailing=True),
    "csc": lambda: PairCode(3, 2, trailing=False),
    "bitmask": lambda: BitmaskCode(3, 4),
    "block": lambda: BlockCode(3, 2),
    "huffman": lambda: HuffmanCode(np.array([1, 3, 3, 4, 5, 5, 4, 4])),
}
"""A small one of each."""


def text(bits: Bits) -> str:
    return "".join(map(str, bits))


def test_words_of_the_eyeriss_chip() -> None:
    values = np.array([[0], [0], [12], [0], [0], [0], [0], [53], [0], [0], [22]])
    words = words_of(PairCode(16, 5, trailing=True).encode(values), 63)
    assert hex(int(with_ends(words, 1)[0])) == "0x100061000d44002d"


def test_columns_of_eie() -> None:
    """Both PEs' columns of a worked example."""
    matrix = np.array([[0, 2, 0, 0], [1, 0, 0, 3], [0, 0, 0, 0], [0, 5, 0, 0],
                       [4, 0, 0, 0], [0, 0, 0, 6], [0, 0, 0, 1], [2, 7, 0, 0]])  # fmt: skip
    code = PairCode(4, 4, trailing=False)
    found = [
        [(int(pair) & 15, int(pair) >> 4) for pair in code.fields(matrix[pe::2, column, None])[0]]
        for pe in (0, 1)
        for column in range(4)
    ]
    assert found == [
        [(4, 2)], [(2, 0)], [], [(1, 3)],
        [(1, 0), (2, 2)], [(5, 1), (7, 1)], [], [(3, 0), (6, 1)],
    ]  # fmt: skip


def test_a_published_code() -> None:
    """A A B A C C D of the slide, A the most frequent."""
    lengths = optimal(np.array([3, 1, 2, 1]), 15)
    assert lengths.tolist() == [1, 3, 2, 3] and canonical(lengths).tolist() == [0, 6, 2, 7]
    code = HuffmanCode(lengths)
    assert text(code.encode(np.array([[0], [0], [1], [0], [2], [2], [3]]))) == "0011001010111"


def entropy_bound(probabilities: np.ndarray) -> float:
    used = probabilities[probabilities > 0]
    return float(-(used * np.log2(used)).sum())


@pytest.mark.parametrize("longest", [4, 6, 15])
def test_the_best_code_is_near_the_entropy(longest: int) -> None:
    counts = np.bincount(np.random.default_rng(1).binomial(15, 0.2, 10_000), minlength=16)
    lengths = optimal(counts, longest)
    mean, bound = (lengths * counts).sum() / counts.sum(), entropy_bound(counts / counts.sum())
    assert complete(lengths) and lengths.max() <= longest
    assert bound <= mean < bound + 1


SIZES = {
    1.0: (0.75, 0.94, 0.80), 0.5: (1.50, 1.78, 1.60), 0.35: (2.15, 2.42, 2.29),
    0.25: (2.99, 3.20, 3.16), 0.1: (7.25, 6.15, 6.53),
}  # fmt: skip
"""Dense bits over coded ones by density, 16 bits: run-length of 5, bit mask, columns of 4."""


@pytest.mark.parametrize("density", SIZES)
def test_sizes_of_random_data(density: float) -> None:
    rng = np.random.default_rng(2)
    count = 1 << 18
    values = np.where(rng.random((count, 1)) < density, rng.integers(1, 1 << 16, (count, 1)), 0)
    words = len(words_of(PairCode(16, 5, trailing=True).encode(values), 63))
    codes = BitmaskCode(16, 16), PairCode(16, 4, trailing=False)
    sizes = [64 * words, *(code.fields(values)[1].sum() for code in codes)]
    found = [16 * count / size for size in sizes]
    # The table has two digits behind the point.
    assert found == pytest.approx(SIZES[density], rel=0.01)


def drawn(code: Code, rng: np.random.Generator, length: int) -> np.ndarray:
    kept = rng.random((length, code.lanes)) < rng.choice([0, 0.1, 0.5, 1])
    return np.where(kept, rng.integers(1, 8, kept.shape), 0)


@pytest.mark.parametrize("name", CODES)
def test_what_is_encoded_is_decoded(name: str) -> None:
    code, rng = CODES[name](), np.random.default_rng(3)
    for _ in range(300):
        values = drawn(code, rng, int(rng.integers(1, 40)))
        bits = bits_of(words_of(code.encode(values), 16), 16)
        found, bad = code.decode(bits, len(values), 16)
        assert not bad and np.array_equal(found, values)


@pytest.mark.parametrize("name", CODES)
def test_what_no_encoder_writes_is_malformed(name: str) -> None:
    """Any two words decode to what is encoded as these very words, or they are malformed."""
    code, rng = CODES[name](), np.random.default_rng(4)
    right = 0
    for _ in range(20_000):
        sparse = rng.random(32) < rng.choice([0.1, 0.5])
        bits, count = sparse.astype(np.uint8), int(rng.integers(0, 24))
        found, bad = code.decode(bits, count, 16)
        if bad:
            continue
        right += 1
        assert len(found) == count
        assert np.array_equal(bits_of(words_of(code.encode(found), 16), 16), bits)
    assert right
