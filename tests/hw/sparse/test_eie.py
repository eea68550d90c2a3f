"""The engine for compressed columns: its model by hand, its RTL by its model, what it refuses."""

from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import build, make_spec, units
from macsmith.contract.errors import UserError
from macsmith.formats.relative_columns import deal
from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.sparse.eie import EieModel, cycles
from macsmith.operands.packet_sources.eie_packets import PacketWriter
from macsmith.operands.packet_sources.packets import traffic
from tests.support.amaranth_runs import streamed

MATRIX = np.array([[0, 2, 0, 0], [1, 0, 0, 3], [0, 0, 0, 0], [0, 5, 0, 0],
                   [4, 0, 0, 0], [0, 0, 0, 6], [0, 0, 0, 1], [2, 7, 0, 0]])  # fmt: skip
"""A worked example of two PEs."""


def test_columns_by_hand() -> None:
    first, second = deal(MATRIX, 2, 4)
    assert first.values.tolist() == [4, 2, 1] and first.pointers.tolist() == [0, 1, 2, 2, 3]
    assert first.zeros.tolist() == [2, 0, 3]
    assert second.values.tolist() == [1, 2, 5, 7, 3, 6]
    assert second.zeros.tolist() == [0, 2, 1, 1, 0, 1]
    assert second.pointers.tolist() == [0, 2, 4, 4, 6]


def test_long_runs_of_zeros_are_padded() -> None:
    matrix = np.zeros((40, 1), np.int64)
    matrix[[1, 35, 36], 0] = 7, 8, 9
    (part,) = deal(matrix, 1, 3)
    assert part.zeros.tolist() == [1, 7, 7, 7, 7, 1, 0]
    assert part.values.tolist() == [7, 0, 0, 0, 0, 8, 9]
    assert part.pointers.tolist() == [0, 7]


def test_results_by_hand() -> None:
    """Weights as they are, of 8 bits; the second activation is zero."""
    spec = make_spec("eie", {"pes": 2, "codebook": False, "value_bits": 8, "lanes": 4, "shift": 0})
    write = PacketWriter(spec, np.random.default_rng(1))
    acts = np.array([3, 0, 5, 2])
    packets = [*write.matrix(MATRIX), write.run(acts, 8), write.run(-acts, 8, relu=True)]
    answers = [one for one, _ in EieModel(spec).answers(packet.fields for packet in packets)]
    assert answers[-2]["value"][:, 0].tolist() == [0, 9, 0, 0, 12, 12, 2, 6]
    assert not answers[-1]["value"].any()
    assert not any(answer["error"].any() for answer in answers)


def test_cycles_by_hand() -> None:
    """One PE, a column of three entries and one of one.

    Scanned in 0 and 1, broadcast in 1 and 2, popped in 2 and 3, taken in 3 and 6, done in 6 and 7;
    the last sum is written in 11, so 12 is the first idle cycle and the last of 13.
    """
    assert cycles(np.array([[1], [1]]), np.array([[3], [1]]), 8) == 13


LAYERS = [((9216, 4096, 0.09, 0.351), 30.3), ((4096, 600, 0.10, 1.0), 8.0)]
"""Columns, rows, and densities of two published layers, and their time in microseconds."""


@pytest.mark.parametrize(("layer", "published_us"), LAYERS)
def test_times_of_published_layers(
    layer: tuple[int, int, float, float], published_us: float
) -> None:
    """64 PEs at 800 MHz with queues of 8: within 10 % below what was simulated for them."""
    columns, rows, weights, acts = layer
    rng = np.random.default_rng(5)
    used = np.stack(
        [_entries(rng, rows // 64 + (pe < rows % 64), columns, weights) for pe in range(64)], axis=1
    )
    active = rng.random(columns) < acts
    values = np.zeros(-(-columns // 64) * 64, np.int64)
    values[:columns] = active
    spent = [cycles(values.reshape(-1, 64), used, depth) for depth in (1, 2, 4, 8, 16)]
    assert spent == sorted(spent, reverse=True)
    assert 0.9 * published_us <= spent[3] / 800 <= published_us
    assert used[active].sum() / 64 < spent[-1]


def _entries(rng: np.random.Generator, rows: int, columns: int, density: float) -> Any:
    """Return the entries of each column of a PE, paddings included."""
    (part,) = deal((rng.random((rows, columns)) < density).astype(np.int64), 1, 4)
    return np.diff(part.pointers)


def test_packets_by_the_model() -> None:
    """Every cycle of every run, and every error, of the smallest engine."""
    spec = make_spec("eie", units()["eie"].spec.mutated()[("", "default")])
    sent = traffic("eie", spec, 60, np.random.default_rng(3))
    got = streamed(
        build("eie", spec), sent.payloads, len(sent.due),
        deadline=1000 + 5 * sent.most_cycles,
    )  # fmt: skip
    assert got == words_to_ints(sent.due)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"queue": 0}, "queue must be from 1 to 256, not 0; the nearest is 1"),
    (
        {"pes": 12},
        "pes must be 1, 2, 4, 8, 16, 32, 64, 128 or 256, not 12; the nearest is 8",
    ),
    (
        {"value_bits": 8, "codebook": False},
        "lanes must be at most 4 for entries of 12 bits, not 8; the nearest is 4",
    ),
    ({"value_bits": 9}, "value_bits must be at most 8 if codebook = True, not 9; the nearest is 4"),
    ({"pointer_width": 8}, "words must be at most 31 for pointers of 8 bits, not 256"),
]


@pytest.mark.parametrize(("parameters", "sentence"), REFUSED)
def test_refused_parameters(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        make_spec("eie", parameters)
    assert str(refused.value) == sentence
