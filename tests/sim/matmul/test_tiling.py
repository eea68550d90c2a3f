"""Matrix products on the compiled array, tile by tile, against the golden model."""

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.formats.stream_words import operand_range, place, take
from macsmith.golden.array import ArrayModel
from macsmith.matmul.tiling import Tiling
from tests.support.products import ARRAYS, compiled, operands
from tests.support.sample import every


def run(
    name: str, acts: np.ndarray, weights: np.ndarray, mode: int = 0, stalls: float = 0.0,
    seed: int = 1,
) -> tuple[np.ndarray, int, Tiling]:  # fmt: skip
    """Return the product that the array gives, the cycles that it takes, and its tiling."""
    spec = ARRAYS[name]
    tiling = Tiling(spec, acts, weights, mode)
    results, cycles = compiled(name).run_timed(
        tiling.beats(), tiling.shape.tiles * spec.cols, stalls, seed
    )
    return tiling.gather(results), cycles, tiling


@pytest.mark.parametrize("name", every(3, ARRAYS))
def test_products_of_any_shape(name: str) -> None:
    spec = ARRAYS[name]
    model = ArrayModel(spec)
    rng = np.random.default_rng(sum(map(ord, name)))
    shapes = [(1, 1, 1), *(tuple(rng.integers(1, 71, 3)) for _ in range(6))]
    for number, shape in enumerate(shapes):
        mode = number % len(spec.modes)
        stalls, density = 0.3 * (number % 2), (1.0, 0.5, 0.2)[number % 3]
        acts, weights = operands(spec, rng, shape, density, mode)
        product, cycles, tiling = run(name, acts, weights, mode, stalls, number + 1)
        expected = model.matmul(spec.modes[mode], acts, weights)
        assert np.array_equal(product, expected), (shape, mode, stalls)
        if tiling.encoded is not None:
            values, places = tiling.encoded.values, tiling.encoded.places
            slot_by_slot = model.matmul_bound(spec.modes[mode], acts, values, places)
            assert np.array_equal(slot_by_slot, expected)
        if not stalls:
            assert cycles == model.cycles(tiling.shape.tiles, tiling.shape.steps), shape
        else:
            assert cycles > model.cycles(tiling.shape.tiles, tiling.shape.steps)


@pytest.mark.parametrize("name", ["uneven", "precisions"])
def test_model_knows_the_accumulators(name: str) -> None:
    spec = ARRAYS[name]
    model = ArrayModel(spec)
    assert [model.acc_bits(mode) for mode in spec.modes] == [*map(spec.acc_bits, spec.modes)]


def test_sums_wrap() -> None:
    """Accumulators of 20 bits, all operands at their least."""
    acts, weights = np.full((7, 70), -128), np.full((70, 3), -128)
    product, *_ = run("uneven", acts, weights)
    assert (product == (70 * 2**14 + 2**19) % 2**20 - 2**19).all()


@pytest.mark.parametrize("name", every(2, ["2:4", "3/8", "2/8", "1/8", "5/16"]))
def test_passes_follow_the_densest_block(name: str) -> None:
    """Steps, and with them cycles, are as many times more as a dense block needs passes."""
    spec = ARRAYS[name]
    rng = np.random.default_rng(2)
    acts, dense = operands(spec, rng, (4, 64, 4), 1.0)
    dense[dense == 0] = 1
    rank = np.arange(64) % spec.block
    steps = {}
    for kept in (spec.nonzeros, spec.block):
        weights = dense * (rank < kept)[:, np.newaxis]
        product, _, tiling = run(name, acts, weights)
        assert np.array_equal(product, acts @ weights)
        steps[kept] = tiling.shape.steps
    assert steps[spec.block] == steps[spec.nonzeros] * -(-spec.block // spec.nonzeros)


def test_take_is_the_inverse_of_place() -> None:
    rng = np.random.default_rng(1)
    for bits, offset in ((1, 0), (20, 57), (32, 32), (33, 31), (64, 64), (64, 3)):
        for signed in (True, False):
            if signed or bits < 64:
                values = rng.integers(*operand_range(bits, signed), 50, endpoint=True)
                words = np.zeros((50, 3), np.uint64)
                place(words, values, bits, offset)
                assert np.array_equal(take(words, bits, offset, signed), values)


def test_refusals() -> None:
    spec, bound = ARRAYS["classic"], ARRAYS["2:4"]
    one = np.ones((4, 4), np.int64)
    cases = [
        (lambda: Tiling(spec, one * -1, one), "activations of 8 bits must be from 0 to 255, not -1"),
        (lambda: Tiling(spec, one, one * 128), "weights of 8 bits must be from -128 to 127, not 128"),
        (lambda: Tiling(spec, one, np.ones((5, 2), np.int64)), "weights must have as many rows as activations have columns = 4, not 5"),
        (lambda: Tiling(spec, one[:0], one), "activations must be a matrix that is not empty, not of shape (0, 4)"),
        (lambda: Tiling(bound, one, one, passes=1), "block 0 of column 0 must have at most 2 non-zeros, not 4"),
    ]  # fmt: skip
    for attempt, sentence in cases:
        with pytest.raises(UserError) as raised:
            attempt()
        assert str(raised.value) == sentence


def test_a_lost_last_is_noticed() -> None:
    tiling = Tiling(ARRAYS["one PE"], np.ones((2, 3), np.int64), np.ones((3, 1), np.int64))
    with pytest.raises(RuntimeError, match="last column"):
        tiling.gather(np.zeros((2, 1), np.uint64))
