"""The stream unit on Verilator: the same as the compiled one, and networks on it."""

import itertools

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.golden.array import ArrayModel
from macsmith.matmul.network_runner import in_numpy, run_layers
from macsmith.matmul.stream_array import Counters, StreamArray
from macsmith.matmul.tiling import Tiling
from macsmith.networks import pruned_digits
from macsmith.rtlsim import cocotb_runner
from macsmith.rtlsim.verilated_stream import VerilatedStream
from tests.support.products import ARRAYS, compiled, operands
from tests.support.sample import every


@pytest.mark.parametrize("name", every(3, ["classic", "2:4", "joint 2:4"]))
def test_both_simulators_agree_to_the_cycle(name: str) -> None:
    spec = ARRAYS[name]
    model, array = ArrayModel(spec), StreamArray(spec)
    rng = np.random.default_rng(6)
    for seed, (shape, density) in enumerate(itertools.product([(1, 1, 1), (9, 50, 7)], [1.0, 0.3])):
        acts, weights = operands(spec, rng, shape, density)
        for stalls in (0.0, 0.4):
            array.stalls, array.seed = stalls, seed
            product, counters = array.gemm(acts, weights)
            assert np.array_equal(product, model.matmul(spec.modes[0], acts, weights))
            tiling = Tiling(spec, acts, weights)
            count = tiling.shape.tiles * spec.cols
            _, cycles = compiled(name).run_timed(tiling.beats(), count, stalls, seed)
            assert counters.cycles == cycles
    assert counters.macs_per_cycle == 9 * 50 * 7 / counters.cycles
    assert counters.peak == {"classic": 4, "2:4": 16, "joint 2:4": 16}[name]
    work = 9 * 50 * 7 * counters.shape.passes
    assert counters.utilisation == work / counters.cycles / counters.peak


def test_what_goes_wrong_is_told() -> None:
    spec = ARRAYS["2:4"]
    array = StreamArray(spec)
    tiling = Tiling(spec, np.ones((2, 8), np.int64), np.eye(8, 2, dtype=np.int64))
    beats = tiling.beats()
    for count, found in ((3, "more"), (5, "fewer")):
        with pytest.raises(RuntimeError, match=f"^the unit gave {found} results than the {count}"):
            array.unit.run_timed(beats, count)
    places = 8 * 8 + 2 * 4 * 8
    beats[0, places // 64] |= np.uint64(3) << np.uint64(places % 64)
    with pytest.raises(RuntimeError, match="fault"):
        array.unit.run_timed(beats, 4)


def test_a_missing_tool_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cocotb_runner.shutil, "which", lambda tool: None)
    unit = VerilatedStream("module unit; endmodule", 17, 33)
    with pytest.raises(UserError, match=r"^simulator verilator needs perl, which was not found$"):
        _ = unit.library


class Broken:
    """An array in numpy that gets one sum wrong."""

    array = ARRAYS["classic"]

    def __init__(self, wrong: int) -> None:
        self.wrong = wrong

    def gemm(self, acts: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, Counters]:
        product = acts @ weights
        product[1, 2] += self.wrong
        shape = Tiling(ARRAYS["classic"], acts, weights).shape
        return product, Counters(shape=shape, cycles=100, peak=4)


def test_layers_follow_one_another() -> None:
    """What the array gives goes into the next layer; each sum is compared."""
    network = pruned_digits.load("2:4")
    spec = ARRAYS["classic"]
    runs = list(run_layers(network, in_numpy(Broken(0)), spec, 0, network.images[:4]))
    assert [run.name for run in runs] == ["conv1", "conv2", "conv3", "dense"]
    assert [run.words for run in runs] == [4 * 64 * 16, 4 * 16 * 32, 4 * 16 * 32, 4 * 10]
    assert not any(run.mismatches for run in runs)
    logits = runs[-1].codes.reshape(4, 10)
    assert np.array_equal(logits, network.infer(network.images[:4]))


def test_a_wrong_sum_is_found() -> None:
    network = pruned_digits.load("dense")
    runs = list(run_layers(network, in_numpy(Broken(1)), ARRAYS["classic"], 0, network.images[:4]))
    assert [run.mismatches for run in runs] == [1, 1, 1, 1]
    acts, weights = network.gemm(0, network.images[:4])
    right = acts[1] @ weights[2]
    assert runs[0].example == (
        f"layer conv1: sum of row 1, column 2 is {right + 1}, expected {right}"
    )
