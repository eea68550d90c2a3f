"""The command ``macsmith run`` as a user meets it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from macsmith.analysis.layer_energies import LayerProducts, layer_energies
from macsmith.analysis.pe_gains import points_of
from macsmith.analysis.pe_records import array_records
from macsmith.cli import main
from macsmith.cli.network_runs import run as run_command
from macsmith.contract.errors import UserError
from macsmith.golden.array import ArrayModel
from macsmith.library.resolve import resolve
from macsmith.matmul import layers_on_unit
from macsmith.matmul.network_runner import ModelArray
from macsmith.matmul.stream_array import Counters, StreamArray
from macsmith.matmul.tiling import Tiling
from macsmith.networks import digits, pruned_digits
from macsmith.networks.digits import load, quantise_images
from macsmith.operands.user_file import read_operands
from tests.support.cells import NANGATE
from tests.support.onnx_models import digits_qdq

SMALL = ("--set", "rows=2", "--set", "cols=2")


def run(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``macsmith run`` and return what it did."""
    command = [sys.executable, "-m", "macsmith.cli", "run", *words]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False
    )


def test_a_network_runs_to_its_accuracy(tmp_path: Path) -> None:
    words = ("--network", "2/8", "--images", "6", "--set", "sparsity=dense", *SMALL)
    done = run(*words, "--json", "run.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "run.json").read_text())
    network = pruned_digits.load("2/8")
    labels = network.infer_labels(network.images[:6])
    assert record["accuracy"] == np.mean(labels == network.labels[:6])
    assert [layer["layer"] for layer in record["layers"]] == ["conv1", "conv2", "conv3", "dense"]
    assert [layer["mismatches"] for layer in record["layers"]] == [0, 0, 0, 0]
    spec = run_command.array_of("2/8", words[5::2])
    assert record["parameters"] == spec.parameters() and spec.sparsity == "dense"
    model = ArrayModel(spec)
    for layer in record["layers"]:
        assert layer["cycles"] == model.cycles(layer["tiles"], layer["steps"])
        assert layer["macs"] == layer["m"] * layer["k"] * layer["n"]
    total = record["total"]
    assert total["cycles"] == sum(layer["cycles"] for layer in record["layers"])
    assert total["words"] == 6 * (64 * 16 + 16 * 32 + 16 * 32 + 10)
    assert total["macs"] == sum(layer["macs"] for layer in record["layers"])
    assert f"{record['accuracy']:.2%}" in done.stdout and "conv3" in done.stdout


def test_layers_keep_what_they_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The golden model in place of the simulated array, which `test_joint` compares with it."""

    class Modelled(StreamArray):
        def build(self) -> None:
            pass

        def gemm(self, acts, weights):
            return ModelArray(self.spec).gemm(acts, weights)

    monkeypatch.setattr(layers_on_unit, "StreamArray", Modelled)
    monkeypatch.setattr(run_command, "check_simulator", lambda name: None)
    path = tmp_path / "run.json"
    settings = [word for word in JOINT if "=" in word]
    assert run_command.run_network("4/8", 5, settings, 0.0, 1, path, keep="8,4,3,2")
    record = json.loads(path.read_text())
    assert [layer["keep"] for layer in record["layers"]] == [8, 4, 3, 2]
    losses = [layer["lost"] for layer in record["layers"]]
    assert losses[0] == 0 and losses[1] < losses[2] < losses[3]
    rates = [64 * 8 / kept for kept in (8, 4, 3, 2)]
    assert record["peak_macs_per_cycle"] == max(rates)
    for layer, rate in zip(record["layers"], rates, strict=True):
        done = layer["macs"] * layer["passes"]
        assert layer["utilisation"] == pytest.approx(done / layer["cycles"] / rate)
    assert 0 < record["total"]["utilisation"] < 1
    assert "kept" in capsys.readouterr().out


def test_arrays_fit_their_networks() -> None:
    dense, pairs, eighth = (run_command.array_of(name, []) for name in ("dense", "2:4", "3/8"))
    assert (dense.rows, dense.cols, dense.b, dense.sparsity) == (8, 8, 1, "dense")
    assert (pairs.rows, pairs.b, pairs.sparsity, pairs.block, pairs.nonzeros) == (8, 8, "dbb", 4, 2)
    assert (eighth.b, eighth.block, eighth.nonzeros, eighth.lanes) == (8, 8, 3, 3)
    other = run_command.array_of("3/8", ["nonzeros=4", "b=16", "cols=3"])
    assert (other.b, other.nonzeros, other.lanes, other.cols) == (16, 4, 8, 3)
    coded = run_command.array_of("ebsp-5-3", ["lut=bank"])
    assert (coded.mac_name, coded.weight_width, coded.pattern, coded.lut) == (
        "ebsp",
        5,
        3,
        "bank",
    )
    plain = run_command.array_of("ebsp-6-3", ["mac=data-gated"])
    assert (plain.mac_name, plain.weight_width, plain.rows) == ("data-gated", 6, 8)
    gated = run_command.array_of("3/8", ["sparsity=zero-gated"])
    assert (gated.b, gated.sparsity) == (1, "zero-gated")


def test_a_network_runs_on_the_engine(tmp_path: Path) -> None:
    """The engine is that of tests/sim/matmul/test_engine_array.py, so that it is compiled once."""
    settings = ("rows=4", "cols=2", "out_lanes=2", "act_depth=16", "weight_depth=12",
                "channel_depth=20", "arith=operators")  # fmt: skip
    words = [word for setting in settings for word in ("--set", setting)]
    words += ["--network", "2:4", "--images", "2", "--json", "run.json"]
    done = run("systolic-engine", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 held-out images" in done.stdout and "4096 results and 20 sums compared" in done.stdout
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["unit"] == "systolic-engine" and record["parameters"]["nonzeros"] == 2
    assert [layer["compared"] for layer in record["layers"]] == ["results"] * 3 + ["sums"]
    for layer in record["layers"]:
        assert layer["mismatches"] == 0
        assert layer["cycles"] == layer["formula_cycles"] == layer["counters"]["cycles"]
    # 32 channels make 16 tiles of columns by 18 steps; 32 pixels make 8 tiles of rows.
    assert done.stderr.splitlines()[-3] == (
        "layer conv2: 288 words exceed weight_depth = 12 and are sent 8 times; "
        "18 words exceed act_depth = 16 and are sent 16 times; "
        "32 words exceed channel_depth = 20 and are sent 8 times"
    )


def test_cycles_that_are_not_those_of_the_formula_are_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Late(StreamArray):
        def build(self) -> None:
            pass

        def gemm(self, acts, weights):
            shape = Tiling(self.spec, acts, weights).shape
            late = int(shape.k == 144)
            return acts @ weights, Counters(shape=shape, cycles=10 + late, peak=4, formula=10)

    monkeypatch.setattr(layers_on_unit, "StreamArray", Late)
    settings = ["rows=1", "cols=1"]
    assert not run_command.run_network("dense", 2, settings, 0.0, 1, None)
    assert capsys.readouterr().err.splitlines()[-1] == "layer conv2: 11 cycles, expected 10"
    assert run_command.run_network("dense", 2, settings, 0.5, 1, None)


def test_a_mismatch_is_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An array that gets one sum of each layer wrong, in place of the simulated one."""

    class Wrong(StreamArray):
        def build(self) -> None:
            pass

        def gemm(self, acts, weights):
            product = acts @ weights
            product[0, 0] += 1
            shape = Tiling(self.spec, acts, weights).shape
            return product, Counters(shape=shape, cycles=1000, peak=4)

    monkeypatch.setattr(layers_on_unit, "StreamArray", Wrong)
    path = tmp_path / "run.json"
    settings = ["rows=2", "cols=2"]
    assert not run_command.run_network("dense", 2, settings, 0.0, 1, path)
    captured = capsys.readouterr()
    assert captured.err.count("1 mismatches; layer ") == 4
    record = json.loads(path.read_text())
    assert record["total"]["mismatches"] == 4


JOINT = ("--set", "sparsity=joint-dbb", "--set", "b=8")

BAD = [
    (("--network", "2:8"), "network must be one of dense, 2:4, 4/8, 3/8, 2/8, ebsp-6-3, ebsp-5-3, not '2:8'"),
    (("--images", "0"), "images must be from 1 to 360, not 0"),
    (("--images", "361"), "images must be from 1 to 360, not 361"),
    (("--stalls", "1.5"), "stalls must be from 0 to 0.9, not 1.5"),
    (("--set", "rows=0"), "rows must be from 1 to 256, not 0; the nearest is 1"),
    (("--set", "rows"), "--set must be key=value, such as headroom=4, not 'rows'"),
    (("--set", "sparsity=dbb"), "b must be a multiple of block = 8 for density-bound blocks, not 1; the nearest is 8"),
    (("--set", "dataflow=weight"), "dataflow must be one of output, not 'weight'"),
    (("data-gated",), "unit must be systolic or systolic-engine to run a network, not 'data-gated'"),
    (("systolic-engine", "--set", "out_width=7"), "out_width must be 8, the bits of the network's activations, not 7"),
    (("systolic-engine", "--set", "act_depth=3"), "act_depth must be from 4 to 65536, not 3; the nearest is 4"),
    (("--set", "act_depth=8"), "parameter must be one that systolic has, not 'act_depth'; did you mean act_width"),
    (("--set", "modes=4x4"), "modes must include 8x8, the network's precision, not only 4x4"),
    (("--keep", "4,4,4,4"), "keep needs an array that prunes activations, sparsity=joint-dbb, not 'dense'"),
    ((*JOINT, "--keep", "4,4"), "keep must be 4 numbers, those of conv1, conv2, conv3, dense, not '4,4'"),
    ((*JOINT, "--keep", "4,x,4,4"), "keep must be a whole number, not 'x'"),
    ((*JOINT, "--keep", "9,4,4,4"), "keep must be from 1 to 8, not 9; the nearest is 8"),
    ((*JOINT, "--set", "act_nonzeros=0"), "act_nonzeros must be from 1 to 8, not 0; the nearest is 1"),
    ((*JOINT, "--keep", "8,4,4,4", "--tech", "generic"), "--keep must not go with --tech: energies are of one array, not of several"),
    (("--tech", "no-such"), "technology must be a Liberty file, a folder or a known name, not 'no-such'; there are generic, nangate45"),
    (("--json", "no/such/folder/r.json"), "output must be in a folder that exists, not in no/such/folder"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "sentence"), BAD, ids=lambda part: " ".join(part)[:40])
def test_bad_input_is_one_sentence(
    words: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["macsmith", "run", *words])
    with pytest.raises(SystemExit) as raised:
        main.main()
    captured = capsys.readouterr()
    assert (raised.value.code, captured.out) == (2, "")
    assert captured.err == f"macsmith: {sentence}\n"
    assert list(tmp_path.iterdir()) == []


def test_without_verilator_it_says_so(tmp_path: Path) -> None:
    """A PATH with nothing on it has no perl."""
    done = run(*SMALL, "--set", "stages=2", cwd=tmp_path, PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "macsmith: simulator verilator needs perl, which was not found\n"


def test_a_users_model_runs_on_the_array(tmp_path: Path) -> None:
    network = pruned_digits.load("dense")
    onnx.save(digits_qdq("8x8"), tmp_path / "digits.onnx")
    codes = quantise_images(network.images[:1], 8, network.pixel_max)
    np.savez(tmp_path / "images.npz", x=codes.transpose(0, 3, 1, 2).astype(np.float32),
             labels=load("8x8").infer_labels(network.images[:1]))  # fmt: skip
    words = ("--network", "digits.onnx", "--data", "images.npz", "--json", "run.json", *SMALL)
    done = run(*words, "--tech", "generic", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["accuracy"] == 1.0
    assert [layer["layer"] for layer in record["layers"]] == ["conv1", "conv2", "conv3", "dense"]
    for layer, shape in zip(record["layers"], digits.SHAPES, strict=True):
        assert layer["mismatches"] == 0 and layer["sums"] == layer["m"] * layer["n"]
        assert layer["n"] == shape.channels and layer["cycles"] > 0
        assert layer["energy_c0v2"] > 0
    assert "accuracy 100.00%" in done.stdout and "C0V2" in done.stdout
    assert record["technology"] == "generic"


def test_energies_of_layers_are_those_of_the_same_operands_in_a_file(tmp_path: Path) -> None:
    """By ``macsmith array``, whose stimulus is read from the file."""
    network, technology = pruned_digits.load("2/8"), resolve(NANGATE)
    acts, weights = network.gemm(0, network.images[:1])
    np.savez(tmp_path / "conv1.npz", acts=acts, weights=weights)
    spec = run_command.array_of("2/8", ["rows=2", "cols=2", "sparsity=dense"])
    # 64 rows and 16 columns are 32 x 8 whole tiles of 2 x 2 PEs.
    assert (len(acts), len(weights)) == (64, 16)
    shapes = [Tiling(spec, acts, weights.T).shape]
    (layer,) = layer_energies(
        spec, [LayerProducts("conv1", 0, acts, weights.T, shapes)], technology
    )
    pes = array_records(
        points_of(["1x1x1"], ["dense"]), technology, ["rows=2", "cols=2", "adder=auto"],
        [read_operands(tmp_path / "conv1.npz", 1)],
    )  # fmt: skip
    (each,) = [pe["energy_pj_per_mac"] for pe in pes]
    assert each is not None
    assert layer == pytest.approx(each * acts.size * len(weights) * 1e-6)


def test_no_energies_of_layers_without_power_data(dark: str, tmp_path: Path) -> None:
    done = run("--tech", dark, *SMALL, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("macsmith: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--network", "gone.onnx"), "gone.onnx must be an ONNX model, but could not be read: "),
        (("--network", "dense", "--data", "a.npz"), "--data must go with a model, a file of .onnx, not with dense"),
        (("dap", "--network", "m.onnx"), "unit must be systolic or systolic-engine to run a network, not 'dap'"),
        (("--network", "m.onnx", "--data", "m.onnx"), "data m.onnx must be an NPZ file of arrays: "),
        (("--network", "m.onnx", "--data", "a.npz"), "a.npz must hold an array for each input of m.onnx, but lacks x"),
        (("--network", "m.onnx", "--data", "b.npz"), "b.npz must hold x of ? x 1 x 8 x 8, not of 3 x 8 x 8"),
        (("--network", "m.onnx", "--set", "act_signed=true"), "act_signed must be false and weight_signed true"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_model_or_its_data(
    words: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    onnx.save(digits_qdq("8x8"), tmp_path / "m.onnx")
    np.savez(tmp_path / "a.npz", y=np.zeros(3))
    np.savez(tmp_path / "b.npz", x=np.zeros((3, 8, 8)))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}"):
        main.app(["run", *words], standalone_mode=False)
