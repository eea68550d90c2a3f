"""Lanes that skip zero activations: cycles by hand and by the layer's formula, RTL by its model."""

from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import build, make_spec, units
from macsmith.contract.errors import UserError
from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.sparse.cnvlutin import SkippingLanes
from macsmith.golden.sparse.cnvlutin_lanes import AROUND, CnvlutinModel
from macsmith.operands.packet_sources.cnvlutin_packets import BrickWriter
from macsmith.operands.packet_sources.packets import traffic
from tests.support.amaranth_runs import streamed


def answered(spec: Any, bricks: np.ndarray, weights: np.ndarray, run: list[int]) -> Any:
    """Return a run's answer, of bricks (lanes, bricks, activations)."""
    write = BrickWriter(spec, np.random.default_rng(1))
    packets = [write.bricks(own, lane) for lane, own in enumerate(bricks)]
    packets += [write.weights(own, lane) for lane, own in enumerate(weights)]
    packets.append(write.run(run))
    *_, (answer, _) = CnvlutinModel(spec).answers(packet.fields for packet in packets)
    return answer


def test_windows_by_hand() -> None:
    """Bricks of 2, 0 and 1 values in one lane, of 1, 2 and 2 in the other; two windows of two."""
    spec = make_spec("cnvlutin-lane", {"lanes": 2, "brick": 2, "filters": 1, "bricks": 3,
                                       "window": 2, "windows": 2})  # fmt: skip
    bricks = np.array([[[3, -2], [0, 0], [0, 5]], [[0, 1], [1, 1], [4, 1]]])
    weights = np.array([[[1], [2], [3], [4]], [[5], [6], [7], [8]]])
    answer = answered(spec, bricks, weights, [2, 2, 1])
    assert answer["sums"][:, 0].tolist() == [3 - 4 + 6 + 15, 0 + 20 + 11 + 28 + 8]
    assert answer["cycles"][-1, 0] == max(2 + 1, 1 + 2) + max(1 + 1, 2 + 2) + AROUND


@pytest.mark.parametrize("density", [0.2, 0.7])
def test_cycles_of_a_layer(density: float) -> None:
    """A row of positions: the sums of a product of matrices, the cycles of the chip's model."""
    rng = np.random.default_rng(2)
    spec = make_spec("cnvlutin-lane", {"lanes": 2, "bricks": 12, "window": 6, "filters": 3})
    acts = np.where(rng.random((1, 6, 64)) < density, rng.integers(-9, 9, (1, 6, 64)), 0)
    weights = rng.integers(-9, 9, (3, 1, 3, 64))
    # Lane 0 has the bricks of channels 0 to 15 and 32 to 47 of each position.
    dealt = acts.reshape(6, 2, 2, 16).transpose(2, 0, 1, 3).reshape(2, 12, 16)
    rows = weights.reshape(3, 3, 2, 2, 16).transpose(3, 1, 2, 4, 0).reshape(2, 96, 3)
    answer = answered(spec, dealt, rows, [4, 6, 2])
    windows = np.stack([acts[0, at : at + 3].reshape(-1) for at in range(4)])
    assert np.array_equal(answer["sums"], windows @ weights.reshape(3, -1).T)
    chip = SkippingLanes(lanes=2, brick=16, filters=3)
    assert answer["cycles"][-1, 0] == chip.cycles(acts, (1, 3), 3) + AROUND


def test_packets_by_the_model() -> None:
    """Every sum, cycle and error of the smallest lanes."""
    spec = make_spec("cnvlutin-lane", units()["cnvlutin-lane"].spec.mutated()[("", "default")])
    sent = traffic("cnvlutin-lane", spec, 60, np.random.default_rng(3))
    got = streamed(
        build("cnvlutin-lane", spec), sent.payloads, len(sent.due),
        deadline=1000 + 5 * sent.most_cycles,
    )  # fmt: skip
    assert got == words_to_ints(sent.due)


def test_refused_parameters() -> None:
    with pytest.raises(UserError) as refused:
        make_spec("cnvlutin-lane", {"bricks": 4, "window": 8})
    assert str(refused.value) == "window must be at most bricks = 4, not 8; the nearest is 4"
