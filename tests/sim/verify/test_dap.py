"""The pruning unit against its golden model: counts, ties, widths, stalls, on three engines."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.array.pruning.spec import DapSpec
from macsmith.bench.bulk import verify_bulk
from macsmith.catalog.catalog import build, make_spec
from macsmith.catalog.verilog import generate
from macsmith.contract.errors import UserError
from macsmith.formats.density_bound import encode
from macsmith.formats.pruning import keep_largest
from macsmith.golden.catalog import golden
from macsmith.golden.dap import DapModel
from macsmith.operands.pruning_blocks import BlockSource
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.bulk_engine import bulk_engine
from macsmith.rtlsim.cocotb_runner import BenchError, run_bench
from tests.support.simulators import quick_simulator

SMALL = {"block": 4, "act_width": 4}
SPECS: dict[str, dict[str, Any]] = {
    "default": {},
    "index": {"form": "index", "act_signed": True, "nonzeros": 3},
    "all": SMALL | {"nonzeros": 4, "act_signed": True, "form": "index"},
    "one": SMALL | {"nonzeros": 1},
    "one bit": {"block": 4, "act_width": 1, "act_signed": True, "nonzeros": 2},
    "16": {"block": 16, "act_width": 3, "nonzeros": 4},
}


@pytest.mark.parametrize("kind", SPECS)
def test_every_count_keeps_the_largest(kind: str) -> None:
    spec = DapSpec(**SPECS[kind])
    engine, model = bulk_engine("dap", spec), golden("dap", spec)
    runs = verify_bulk("dap", spec, model, engine, seed=3, count=2000)
    counts = [f"keep-{keep}" for keep in range(spec.nonzeros + 1)]
    assert [run.mode for run in runs] == [*counts, "mixed"]
    wrong = [run.examples[0].sentence("dap", run.mode) for run in runs if run.mismatches]
    assert not wrong and all(run.random >= 2000 for run in runs)


@pytest.mark.parametrize(
    ("simulator", "kind"),
    [pytest.param("icarus", "index", marks=pytest.mark.needs("icarus")), ("verilator", "one")],
)
def test_streams(simulator: str, kind: str, tmp_path: Path) -> None:
    spec = DapSpec(**SPECS[kind])
    runs = run_bench("dap", spec, simulator, tmp_path, seed=2, packets=200)
    assert {run.mode for run in runs} >= {"keep-0", "keep-1", "mixed"}
    assert not any(run.mismatches for run in runs)


def test_a_wrong_tie_is_found(tmp_path: Path) -> None:
    """A selector in which the higher of equal magnitudes wins."""
    spec = DapSpec(**SPECS["all"])
    verilog = to_verilog(build("dap", spec), "unit")
    broken = verilog.replace(" > ", " >= ")
    assert broken != verilog
    runs = run_bench(
        "dap",
        spec,
        quick_simulator(),
        tmp_path,
        tests=["random_packets"],
        verilog=broken,
        packets=200,
    )
    assert any(run.mismatches for run in runs)


def test_a_withdrawn_result_is_found(tmp_path: Path) -> None:
    """The pipeline moves on although nobody takes the result."""
    spec = DapSpec(**SPECS["one"])
    verilog = to_verilog(build("dap", spec), "unit")
    broken = verilog.replace("assign i__ready = ", "assign i__ready = 1'h1 | ")
    assert broken != verilog
    with pytest.raises(BenchError, match=r"o\.(valid|payload)|no end"):
        run_bench("dap", spec, quick_simulator(), tmp_path, verilog=broken, packets=200)


def test_the_model_on_a_block_worked_by_hand() -> None:
    block = np.array([[1, -9, 0, 9, 3, -128, 0, 7]])
    model = DapModel(DapSpec(act_signed=True))
    kept = model.prune(block, np.array([2]))
    assert kept.values.tolist() == [[-9, -128, 0, 0, 0, 0, 0, 0]]
    assert kept.places.tolist() == [[1, 5, 0, 0, 0, 0, 0, 0]]
    assert (kept.mask[0], kept.count[0], kept.lossy[0]) == (0b100010, 2, 1)
    for keep in (0, 6):
        whole = model.prune(block, np.array([keep]))
        assert whole.values.tolist() == block.tolist()
        assert (whole.mask[0], whole.count[0], whole.lossy[0]) == (255, 8, 0)


@pytest.mark.parametrize("keep", [1, 3, 5])
def test_what_is_kept_is_a_density_bound_block(keep: int) -> None:
    """Values and places are those that the encoder stores of the pruned activations."""
    spec = DapSpec(act_signed=True)
    batch = BlockSource(spec, DapModel(spec), keep, np.random.default_rng(1)).uniform(200)
    blocks = batch.fields["values"][:, 0]
    kept = DapModel(spec).prune(blocks, np.full(200, keep))
    encoded = encode(keep_largest(blocks, 8, keep).T, 8, keep)
    assert np.array_equal(encoded.values[0, :, 0], kept.values[:, :keep])
    assert np.array_equal(encoded.places[0, :, 0], kept.places[:, :keep])


def test_header_says_where_fields_lie() -> None:
    text = generate("dap", make_spec("dap", {}), "unit")
    for line in ("i__payload[63:0] values", "i__payload[66:64] keep", "o__payload[71:64] places",
                 "keep 0 keeps all 8; a result comes 6 cycles after its block"):  # fmt: skip
        assert f"// {line}\n" in text


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"nonzeros": 9}, "nonzeros must be from 1 to 8, not 9; the nearest is 8"),
        ({"block": 6}, "block must be 4, 8 or 16, not 6; the nearest is 8"),
        ({"form": "mask"}, "form must be one of bitmask, index, not 'mask'; did you mean bitmask"),
        ({"act_width": 17}, "act_width must be from 1 to 16, not 17; the nearest is 16"),
        ({"act_signed": 1}, "act_signed must be true or false, not 1"),
        ({"modes": ()}, "parameter must be one that dap has, not 'modes'; there are"),
    ],
)
def test_refusal(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        make_spec("dap", parameters)
    assert str(caught.value).startswith(sentence)
