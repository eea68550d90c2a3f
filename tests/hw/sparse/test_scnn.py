"""The grid for compressed convolutions: formats and cycles by hand, its RTL by its model."""

from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import build, make_spec, units
from macsmith.contract.errors import UserError
from macsmith.formal.streams.grid_rules import LEAST
from macsmith.formats.codecs.compressed_planes import compress, expand, grouped, tiles
from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.sparse.scnn import ScnnGrid
from macsmith.golden.sparse.scnn_grid import Layer, ScnnModel
from macsmith.golden.sparse.scnn_pace import pace
from macsmith.operands.packet_sources.packets import traffic
from macsmith.operands.packet_sources.scnn_packets import PlaneWriter
from tests.support.amaranth_runs import streamed


def test_runs_by_hand() -> None:
    """The fourth zero in a row is stored; zeros at the end are not."""
    found = compress(np.array([[0, 0, 7, 0, 0, 0, 0, 5, -1], [0] * 9]), 2, 2)
    assert found.values.tolist() == [[7, 0], [5, -1], [0, 0]]
    assert found.zeros.tolist() == [[2, 3], [0, 0], [3, 3]]
    assert found.ends.tolist() == [2, 3]


def test_channels_come_back() -> None:
    rng = np.random.default_rng(1)
    acts = np.where(rng.random((7, 5, 3)) < 0.3, rng.integers(-8, 8, (7, 5, 3)), 0)
    for pe, channels in enumerate(tiles(acts, 2, 2, (4, 3))):
        found = compress(channels, 4, 3)
        words = found.values & 15 | found.zeros << 4
        assert np.array_equal(expand(words, found.ends, 4, 12), channels), pe


def small(**parameters: Any) -> Any:
    sizes = {"rows": 1, "cols": 2, "group": 1, "tile": 3, "channels": 4, "banks": 4}
    return make_spec("scnn", sizes | {"acts": 2, "weights": 2} | parameters)


def test_halos_by_hand() -> None:
    """Activations at 0, 3 and 5 and weights at 0 and 2 of a row.

    The second PE's first activation, at 3, meets the weight at 2 in place 1, the first PE's.
    """
    spec = small()
    acts = np.zeros((1, 6, 1), np.int64)
    acts[0, [0, 3, 5], 0] = 2, 1, 4
    weights = np.zeros((1, 1, 3, 1), np.int64)
    weights[0, 0, [0, 2], 0] = 1, 3
    write = PlaneWriter(spec, np.random.default_rng(1))
    packets = [*write.weights(weights), *write.acts(acts, (1, 3))]
    packets += [write.run(Layer(1, 3, 1, 3, 1, 1, 1, 4, 0, 0)), write.results(0), write.results(1)]
    answers = [one for one, _ in ScnnModel(spec).answers(packet.fields for packet in packets)]
    found = []
    for answer in answers[-2:]:
        found += expand(answer["data"][1:], answer["number"][:1, 0], 8, 3)[0].tolist()
    assert found == [2, 3, 0, 13, 0, 0]


def test_cycles_by_hand() -> None:
    """Three pairs of vectors, the second of which sends three products to one bank of one port.

    Pairs are given from cycle 2 on and wait at the banks from cycle 6 on: the first in 6, the
    second in 7 to 9, the third in 10. What comes last leaves its queue in 11 and is written in 12.
    """
    loads = [np.array(load, np.int64) for load in ([1, 1], [3, 0], [0, 1])]
    found = pace(list(loads), banks=2, ports=1, queue=2)
    assert (found.idle, found.slots, found.conflicts) == (13, 3, 2)
    assert pace(list(loads), banks=2, ports=2, queue=4).conflicts == 1
    assert pace([None, None], banks=2, ports=1, queue=2).idle == 4


def test_cycles_by_the_published_formula() -> None:
    """Without conflicts a group takes its vectors' cycles, and those of channels that have none."""
    spec = small(rows=2, cols=2, acts=4, weights=4, group=4, banks=64, ports=4, queue=16, tile=4)
    rng = np.random.default_rng(2)
    acts = (rng.random((8, 8, 4)) < 0.5).astype(np.int64)
    weights = (rng.random((4, 3, 3, 4)) < 0.5).astype(np.int64)
    write, model = PlaneWriter(spec, rng), ScnnModel(spec)
    packets = [*write.weights(weights), *write.acts(acts, (4, 4))]
    packets.append(write.run(Layer(4, 4, 3, 3, 4, 1, 6, 6, 0, 0)))
    *_, (answer, _) = model.answers(packet.fields for packet in packets)
    (group,) = model.paces
    formula = ScnnGrid(rows=2, cols=2, activations=4, weights=4, group=4)
    assert max(one.slots for one in group) == formula.cycles(acts, weights)
    assert answer["number"][1, 0] == sum(one.conflicts for one in group)
    assert grouped(weights, 4).shape == (4, 36)


@pytest.mark.parametrize("parameters", [units()["scnn"].spec.mutated()[("", "default")], LEAST])
def test_packets_by_the_model(parameters: dict[str, Any]) -> None:
    """Every cycle, conflict and error of every run, and every result, of small grids."""
    spec = make_spec("scnn", parameters)
    sent = traffic("scnn", spec, 60, np.random.default_rng(3))
    got = streamed(
        build("scnn", spec), sent.payloads, len(sent.due),
        deadline=1000 + 5 * sent.most_cycles,
    )  # fmt: skip
    assert got == words_to_ints(sent.due)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"queue": 0}, "queue must be 2, 4, 8 or 16, not 0; the nearest is 2"),
    ({"acts": 3}, "acts must be 1, 2, 4 or 8, not 3; the nearest is 2"),
    ({"kernel": 6}, "kernel must be at most 5 for tile = 4, not 6; the nearest is 5"),
    ({"ports": 3, "queue": 2}, "queue must be at least ports = 3, not 2; the nearest is 4"),
    ({"channels": 10}, "channels must be a multiple of group = 4, not 10; the nearest is 8"),
    (
        {"acc_width": 8, "data_width": 9},
        "acc_width must be at least data_width = 9, not 8; the nearest is 9",
    ),
]


@pytest.mark.parametrize(("parameters", "sentence"), REFUSED)
def test_refused_parameters(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        make_spec("scnn", parameters)
    assert str(refused.value) == sentence
