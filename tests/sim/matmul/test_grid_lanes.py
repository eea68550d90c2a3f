"""A grid of PEs as lanes: its sums, its words beside those within the stream unit, its faults."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.array.pe.tensor_pe import TensorPe
from macsmith.catalog.catalog import build, make_spec
from macsmith.contract.modes import Mode
from macsmith.formats.density_bound import needed_passes
from macsmith.matmul.pe_grid_on_gates import Edges, run, select, spread
from macsmith.matmul.tiling import Tiling
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.array_tiles import Layer, layers_of
from macsmith.operands.gate_traffic import drive
from macsmith.operands.stimulus import Network, UnfitError, Uniform
from macsmith.operands.user_file import OwnOperands
from macsmith.rtl.emit import to_rtlil

FEW = Uniform(beats=8, length=4)

SMALL = {"act_width": 3, "weight_width": 3, "acc_width": 12}
"""Operands whose gates are few."""

ARRAYS: list[dict[str, Any]] = [
    {"rows": 2, "cols": 3},
    {"rows": 1, "cols": 1, "stages": 2, "act_signed": True, "act_width": 5},
    SMALL | {"rows": 3, "cols": 2, "a": 2, "b": 2, "c": 3, "sparsity": "zero-gated"},
    SMALL | {"rows": 2, "cols": 9, "b": 8, "sparsity": "dbb", "nonzeros": 3, "stages": 2},
    SMALL
    | {"rows": 2, "cols": 2, "b": 4, "c": 2, "sparsity": "dbb", "block": 4, "nonzeros": 4},
    {"rows": 2, "cols": 2, "mac": "subword-st", "modes": tuple(map(Mode.parse, ("8x8", "2x2")))},
    {"rows": 2, "cols": 2, "mac": "dnc-2d-st", "modes": (Mode.parse("8x8"), Mode.parse("4x4")),
     "b": 2, "stages": 2},
    {"rows": 2, "cols": 2, "mac": "ebsp", "act_width": 4, "weight_width": 6, "c": 2, "lut": "bank"},
]  # fmt: skip


def gates_of(spec: Any, boundary: str, folder: Path) -> GateEngine:
    """Return the gates of an array, cut at a boundary."""
    return GateEngine(
        read_netlist(to_rtlil(build("systolic", spec, boundary), "top"), "top", folder)
    )


@pytest.mark.parametrize("parameters", ARRAYS, ids=str)
def test_sums_are_those_of_the_golden_model(parameters: dict[str, Any], tmp_path: Path) -> None:
    spec = make_spec("systolic", parameters)
    engine = gates_of(spec, "pe", tmp_path)
    for mode in range(len(spec.modes)):
        (layer,) = layers_of(FEW, spec, mode)
        edges = Edges(layer)
        assert len(list(run(engine, edges))) == edges.cycles


def test_a_layer_of_several_passes_and_of_ragged_edges(tmp_path: Path) -> None:
    """The dense network on 1:4 blocks: K = 9 fills no word, 10 columns fill no tile."""
    spec = make_spec(
        "systolic", {"rows": 2, "cols": 3, "b": 4, "sparsity": "dbb", "block": 4, "nonzeros": 1}
    )
    engine = gates_of(spec, "pe", tmp_path)
    layers = layers_of(Network(beats=1), spec, 0)
    assert sum(layer.share for layer in layers) == pytest.approx(1)
    assert [layer.passes for layer in layers] == [4] * 4
    assert [layer.steps for layer in layers] == [12, 144, 288, 512]
    list(run(engine, Edges(layers[0])))


@pytest.mark.parametrize(
    ("parameters", "length"),
    [
        (SMALL | {"b": 4, "sparsity": "dbb", "block": 4, "nonzeros": 2}, 8),
        (
            SMALL
            | {"mac": "ebsp", "weight_width": 5, "lut": "shared-rows", "sparsity": "zero-gated"},
            4,
        ),
    ],
    ids=["2:4", "ebsp, short tiles"],
)
def test_words_are_those_within_the_stream_unit(
    parameters: dict[str, Any], length: int, tmp_path: Path
) -> None:
    """Each PE passes on in each cycle what the PE at its place does in the gates of the unit."""
    spec = make_spec("systolic", parameters | {"rows": 2, "cols": 3})
    (layer,) = layers_of(Uniform(beats=48, length=length), spec, 0)
    if spec.mac_name == "ebsp":
        # Illegal weights too, and the one without a magnitude.
        weights = np.resize(np.arange(-16, 16), layer.weights.shape)
        layer = replace(layer, weights=weights)
    edges = Edges(layer)
    beats = [
        beat
        for rows, columns in edges.tiles
        for beat in Tiling(spec, layer.acts[rows], layer.weights[:, columns]).beats()
    ]
    unit = gates_of(spec, "unit", tmp_path / "unit")
    pe = gates_of(spec, "pe", tmp_path / "pe")
    ports = [f"{name}_out" for name in (*TensorPe.right, *TensorPe.down, *TensorPe.left)]
    played = drive(unit, [beat[np.newaxis] for beat in beats], pauses=False)
    if length < layer.interval:
        next(played)  # from reset on, the unit's last beat waits a cycle longer
    compared = 0
    for cycle, _ in zip(run(pe, edges), played, strict=False):
        if cycle < 2 * layer.interval:
            continue  # nothing is reset in the unit's lines of operands
        for port in ports:
            lanes = pe.rows()[pe.netlist.ports[port].rows][:, 0]
            for lane in range(spec.rows * spec.cols):
                row, column = divmod(lane, spec.cols)
                name = f"grid.row_{row}.pe_{column}.{port}"
                within = unit.rows()[unit.netlist.nets[name]][:, 0] & np.uint64(1)
                assert np.array_equal(lanes >> np.uint64(lane) & np.uint64(1), within), name
                compared += 1
    assert compared == len(layer.tiles) * layer.interval * spec.rows * spec.cols * len(ports)


def test_a_wrong_gate_is_seen(tmp_path: Path) -> None:
    spec = make_spec("systolic", SMALL | {"rows": 2, "cols": 2})
    engine = gates_of(spec, "pe", tmp_path)
    # The lowest two flip-flops of the sum register take over what the other should have.
    low = engine.netlist.ports["sum_out"].rows[:2] - engine.netlist.state.start
    engine.netlist.next_state[low] = engine.netlist.next_state[low[::-1]]
    with pytest.raises(RuntimeError, match="sums of column 0 in 3x3 are not those of the golden"):
        list(run(engine, Edges(layers_of(FEW, spec, 0)[0])))


def test_short_tiles_wait_for_the_sums_before_them() -> None:
    spec = make_spec("systolic", {"cols": 8, "b": 8, "rows": 1})
    (layer,) = layers_of(Uniform(beats=8, length=2), spec, 0)
    assert (layer.steps, layer.interval, layer.macs) == (2, 15, 16)
    assert [end % 15 for end in Edges(layer).ends] == [14] * len(Edges(layer).tiles)


def test_what_is_executed() -> None:
    parameters = {"a": 2, "b": 8, "c": 2}
    (layer,) = layers_of(FEW, make_spec("systolic", parameters), 0)
    assert layer.executed == layer.macs
    bound = make_spec("systolic", parameters | {"sparsity": "dbb", "nonzeros": 2})
    (layer,) = layers_of(FEW, bound, 0)
    assert layer.executed == layer.macs / 4
    assert needed_passes(layer.weights, 8, 2) == layer.passes == 1
    gated = make_spec("systolic", parameters | {"sparsity": "zero-gated"})
    acts, weights = np.array([[0, 3]] * 16), np.array([[0, 5]] * 16)
    own = OwnOperands("half.npz", "0" * 64, 50, acts, weights)
    (layer,) = layers_of(own, gated, 0)
    assert layer.executed == layer.macs / 2


def test_lanes_are_spread_over_columns_and_rows() -> None:
    spec = make_spec("systolic", {"rows": 3, "cols": 8})
    assert spread(spec, 8).tolist() == [0, 9, 18, 3, 12, 21, 6, 15]
    assert (spread(spec, 4) % 8).tolist() == [1, 3, 5, 7]
    words = np.array([[1 << 9 | 1 << 21]], np.uint64)
    assert select(words, spread(spec, 8)).tolist() == [[1 << 1 | 1 << 5]]


def test_operands_that_do_not_fit() -> None:
    spec = make_spec("systolic", {"act_width": 4})
    pairs = OwnOperands("pairs.csv", "0" * 64, 1, np.arange(3), np.arange(3))
    with pytest.raises(UnfitError, match=r"a stimulus of an array must be uniform, network, or"):
        layers_of(pairs, spec, 0)
    matrices = replace(pairs, acts=np.array([[16]]), weights=np.array([[1]]))
    with pytest.raises(UnfitError, match="activations must be from 0 to 15 in mode 4x8, not 16"):
        layers_of(matrices, spec, 0)
    with pytest.raises(UnfitError, match="the network must have a precision of 8x8"):
        layers_of(Network(), spec, 0)


def test_a_layer_knows_its_tiles() -> None:
    spec = make_spec("systolic", {})
    layers = layers_of(Network(), spec, 0)
    assert all(isinstance(layer, Layer) for layer in layers)
    assert [len(layer.weights) for layer in layers] == [9, 144, 288, 512]
