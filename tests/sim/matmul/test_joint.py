"""Joint density bounds: densities that change from job to job, faults, and a worked example."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from macsmith.array.output_stationary.array import Systolic
from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.golden.array import ArrayModel
from macsmith.matmul.network_runner import ModelArray, in_numpy, run_layers
from macsmith.matmul.stream_array import StreamArray
from macsmith.matmul.tiling import Tiling
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.netlist.zero_delay import GateEngine
from macsmith.networks import pruned_digits
from macsmith.rtl.emit import to_rtlil
from macsmith.verify.arrays import run_array_bench
from tests.support.products import ARRAYS, compiled, operands

NAME = "joint 4/8"


@pytest.mark.parametrize("stalls", [0.0, 0.4])
def test_each_job_keeps_its_own_number(stalls: float) -> None:
    """Jobs of all densities follow one another without a reset; 8 of 8 is the exact product."""
    rng = np.random.default_rng(8)
    tilings, products = [], []
    for kept in (8, 1, 5, 2, 7, 3, 6, 4):
        spec = replace(ARRAYS[NAME], act_nonzeros=kept)
        acts, weights = operands(spec, rng, (3, 21, 5), 1.0)
        tilings.append(Tiling(spec, acts, weights))
        products.append(ArrayModel(spec).matmul(spec.modes[0], acts, weights))
        assert (kept == 8) == np.array_equal(products[-1], acts @ weights)
    beats = np.concatenate([tiling.beats() for tiling in tilings])
    counts = [tiling.shape.tiles * tiling.spec.cols for tiling in tilings]
    results, _ = compiled(NAME).run_timed(beats, sum(counts), stalls, 3)
    parts = np.split(results, np.cumsum(counts)[:-1])
    for tiling, part, product in zip(tilings, parts, products, strict=True):
        assert np.array_equal(tiling.gather(part), product), tiling.spec.act_nonzeros


@pytest.mark.parametrize("kept", range(1, 9))
def test_cycles_are_those_of_the_kept_activations(kept: int) -> None:
    """Long tiles: kept cycles a block, whatever the number, in model and specification."""
    spec = make_spec("systolic", {"sparsity": "joint-dbb", "b": 8, "act_nonzeros": kept})
    cycles = spec.movement.cycles(64, 64, 1024)
    assert cycles == ArrayModel(spec).cycles(64, 128)
    assert cycles / (64 * 128 * kept) == pytest.approx(1, abs=0.01)
    words = spec.movement.traffic(64, 64, 1024)
    assert (words.acts, words.weights, words.sums) == (8 * 64 * 1024, 4 * 64 * 1024, 64 * 64)
    each = spec.movement.traffic_per_cycle(128)
    assert each.acts * kept == 64 and each.weights * kept == 8 * 4
    assert spec.movement.intensity(128) * each.words * kept == 64 * 8


def test_worked_example() -> None:
    """Activations 9 and -9 tie for the second place; the lower one stays."""
    spec = make_spec("systolic", {
        "sparsity": "joint-dbb", "b": 8, "act_nonzeros": 2, "act_signed": True, "rows": 1,
        "cols": 1,
    })  # fmt: skip
    acts = np.array([[1, 9, 0, -128, 3, -9, 0, 7]])
    weights = np.array([[5, 0, 0, 2, 0, -3, 1, 0]]).T
    assert ArrayModel(spec).matmul(spec.modes[0], acts, weights).tolist() == [[-256]]


@pytest.mark.parametrize("places", [(0, 0), (3, 1), (2, 2)])
def test_places_that_do_not_rise_are_a_fault(places: tuple[int, int], tmp_path: Path) -> None:
    spec = make_spec("systolic", {
        "sparsity": "joint-dbb", "b": 4, "block": 4, "nonzeros": 2, "rows": 1, "cols": 1,
        "act_width": 2, "weight_width": 2, "acc_width": 8,
    })  # fmt: skip
    gates = GateEngine(read_netlist(to_rtlil(Systolic(spec), "unit"), "unit", tmp_path))
    index = spec.b * 2 + 2 * 2
    for wrong in (False, True):
        low, high = places if wrong else (0, 3)
        gates.set("i__valid", 1)
        gates.set("i__payload", (low | high << 2) << index)
        for _ in range(spec.block):
            assert not gates.get("fault")[0]
            gates.tick()
        assert gates.get("fault")[0] == wrong


def test_more_weights_than_are_stored_are_refused() -> None:
    one = np.ones((8, 8), np.int64)
    with pytest.raises(
        UserError, match=r"^block 0 of column 0 must have at most 4 non-zeros, not 8$"
    ):
        Tiling(ARRAYS[NAME], one, one, passes=1)
    with pytest.raises(UserError, match=r"^act_nonzeros must be from 1 to 8, not 0; the nearest"):
        StreamArray(ARRAYS[NAME]).keeping(0)


@pytest.mark.needs("icarus")
@pytest.mark.slow
def test_on_icarus(tmp_path: Path) -> None:
    """Verilator runs the same streams in `test_stream_array`."""
    run_array_bench("systolic", ARRAYS["joint, all weights"], "icarus", tmp_path, seed=4)


def test_a_layer_may_keep_more_than_the_others() -> None:
    """The first layer, whose blocks are pixels, is the one that needs all of them."""
    network, spec = (
        pruned_digits.load("4/8"),
        make_spec("systolic", {"sparsity": "joint-dbb", "b": 8}),
    )
    whole = replace(spec, act_nonzeros=8)
    images = network.images[:200]

    def labels(first: SystolicSpec) -> tuple[float, list[float]]:
        own = {"conv1": (in_numpy(ModelArray(first)), first)}
        runs = list(run_layers(network, in_numpy(ModelArray(spec)), spec, 0, images, own))
        found = runs[-1].codes.reshape(len(images), -1).argmax(axis=1)
        return float(np.mean(found == network.labels[:200])), [run.lost for run in runs]

    accuracy, lost = labels(whole)
    assert lost[0] == 0 and all(0 < share < 0.2 for share in lost[1:])
    worse, more = labels(spec)
    assert more[0] > 0.1 and worse < accuracy
