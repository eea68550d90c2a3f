"""Networks on the systolic engine: every word as the golden model gives it, in the cycles due."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.matmul.engine_array import EngineArray
from macsmith.matmul.engine_jobs import Channels
from macsmith.matmul.network_runner import check_results, in_hardware, run_layers
from macsmith.matmul.stream_array import Counters
from macsmith.matmul.tiling import Tiling
from macsmith.networks import digits, pruned_digits
from tests.support.engines import HALF

CHANNELS = Channels(bias=np.zeros(2, int), mult=np.ones(2, int), shift=np.zeros(2, int))


def test_a_network_is_the_golden_one_in_the_cycles_of_the_formula() -> None:
    network = pruned_digits.load("2:4")
    images = network.images[:3]
    runs = list(run_layers(network, in_hardware(EngineArray(HALF)), HALF.array, 0, images))
    assert [run.word for run in runs] == ["result", "result", "result", "sum"]
    assert [run.counters.shape.passes for run in runs] == [2, 1, 1, 1]
    for run in runs:
        assert run.mismatches == 0 and run.example is None
        assert run.counters.cycles == run.counters.formula == run.counters.events["cycles"]
    assert np.array_equal(runs[-1].codes.reshape(3, 10), network.infer(images))
    stalled = EngineArray(HALF, stalls=0.3, seed=4)
    again = list(run_layers(network, in_hardware(stalled), HALF.array, 0, images[:1]))
    assert not any(run.mismatches for run in again)
    assert all(run.counters.cycles > run.counters.formula for run in again)


class Numpy:
    """An engine in numpy whose results are all ``wrong`` by as much."""

    def __init__(self, wrong: int) -> None:
        self.wrong = wrong

    def gemm(self, acts, weights, channels=None):
        sums = acts @ weights
        cost = Counters(shape=Tiling(HALF.array, acts, weights).shape, cycles=9, peak=4)
        if channels is None:
            return sums, cost
        scale = channels.mult / 2.0**channels.shift
        # Python rounds halves to even too; these numbers are far below 2^53.
        results = np.rint((sums + channels.bias) * scale).clip(0, 255).astype(np.int64)
        return results + self.wrong, cost


@pytest.mark.parametrize("wrong", [0, 1])
def test_each_result_is_compared(wrong: int) -> None:
    network = pruned_digits.load("dense")
    runs = list(
        run_layers(
            network, in_hardware(cast(EngineArray, Numpy(wrong))), HALF.array, 0, network.images[:2]
        )
    )
    assert [run.words for run in runs] == [2 * 64 * 16, 2 * 16 * 32, 2 * 16 * 32, 2 * 10]
    assert [run.mismatches for run in runs] == [*(run.words * wrong for run in runs[:3]), 0]
    if wrong:
        codes = digits.quantise_images(network.images[:1], 8)
        right = network.layers[0].forward(codes)[0, 0, 0, 0]
        assert runs[0].example == (
            f"layer conv1: result of row 0, column 0 is {right + 1}, expected {right}"
        )


@pytest.mark.parametrize(
    ("channels", "sentence"),
    [
        (replace(CHANNELS, bias=np.array([0, 1 << 31])),
         "bias must be from -2147483648 to 2147483647, not 2147483648 in channel 1"),
        (replace(CHANNELS, mult=np.array([1 << 16, 0])),
         "mult must be from 0 to 65535, not 65536 in channel 0"),
        (replace(CHANNELS, shift=np.array([47, 48])),
         "shift must be from 0 to 47, not 48 in channel 1"),
    ],
)  # fmt: skip
def test_channels_that_do_not_fit_are_refused(channels: Channels, sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        EngineArray(HALF).gemm(np.ones((1, 3), int), np.ones((3, 2), int), channels)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"out_width": 6}, "out_width must be 8, the bits of the network's activations, not 6"),
        ({"out_signed": True},
         "out_signed must be false, as the network's activations are, not true"),
    ],
)  # fmt: skip
def test_results_must_be_activations(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        check_results(replace(HALF, **change), pruned_digits.load("dense"))
    assert str(raised.value) == sentence
