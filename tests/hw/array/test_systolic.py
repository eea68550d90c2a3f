"""The systolic array's specification and its Verilog: rules, and modules that are written once."""

import re
from pathlib import Path

import pytest

from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import build, make_spec
from macsmith.catalog.verilog import generate
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.host.yosys import run_yosys
from macsmith.rtl.emit import to_verilog


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"rows": 0}, "rows must be from 1 to 256, not 0; the nearest is 1"),
        ({"a": 17}, "a must be from 1 to 16, not 17; the nearest is 16"),
        ({"sparsity": "dbbb"}, "sparsity must be one of dense, zero-gated, dbb, joint-dbb, not 'dbbb'; did you mean dbb"),
        ({"sparsity": "dbb", "b": 12}, "b must be a multiple of block = 8 for density-bound blocks, not 12; the nearest is 16"),
        ({"sparsity": "dbb", "b": 8, "nonzeros": 9}, "nonzeros must be from 1 to 8, not 9; the nearest is 8"),
        ({"block": 6}, "block must be 4, 8 or 16, not 6; the nearest is 4"),
        ({"acc_width": 16, "b": 4}, "acc_width must be at least 18 for sums of 4 products, not 16"),
        ({"mac": "serial-1d"}, "mac must be one of data-gated, subword-sa, subword-st, dnc-1d-sa, dnc-1d-st, dnc-2d-sa, dnc-2d-st, ebsp, fp-dot, not 'serial-1d'"),
        ({"mac": "subword-sa", "modes": (Mode.parse("8x8"), Mode.parse("4x4"))}, "mac must be a style with one accumulator in 4x4, such as data-gated"),
        ({"sparsity": "dbb", "b": 8, "mac": "subword-st", "modes": (Mode.parse("4x4"),)}, "modes must multiply one pair an element for density-bound blocks, not 4x4 of subword-st"),
        ({"sparsity": "joint-dbb", "b": 12}, "b must be a multiple of block = 8 for density-bound blocks, not 12; the nearest is 16"),
        ({"sparsity": "joint-dbb", "b": 8, "act_nonzeros": 9}, "act_nonzeros must be from 1 to 8, not 9; the nearest is 8"),
        ({"sparsity": "joint-dbb", "b": 8, "nonzeros": 0}, "nonzeros must be from 1 to 8, not 0; the nearest is 1"),
        ({"sparsity": "joint-dbb", "b": 8, "dataflow": "weight"}, "dataflow must be 'output' for sparsity = 'joint-dbb', whose activations come one after the other, not 'weight'"),
        ({"sparsity": "joint-dbb", "b": 8, "modes": (Mode.parse("8x8"), Mode.parse("4x4"))}, "modes must be one alone for sparsity = 'joint-dbb', not 8x8, 4x4"),
        ({"sparsity": "joint-dbb", "b": 8, "mac": "subword-st", "modes": (Mode.parse("4x4"),)}, "modes must multiply one pair an element for density-bound blocks, not 4x4 of subword-st"),
        ({"act_signed": 1}, "act_signed must be true or false, not 1"),
        ({"mac": "ebsp", "weight_width": 2}, "weight_width must be from 3 to 16, not 2; the nearest is 4"),
        ({"mac": "ebsp", "weight_width": 6, "pattern": 6}, "pattern must be from 1 to 5, not 6; the nearest is 5"),
        ({"mac": "ebsp", "lut": "banq"}, "lut must be one of digits-4, digits-2, whole, bank, signed-digits, shared-rows, dual-window, not 'banq'; did you mean bank"),
        ({"mac": "ebsp", "weight_signed": False}, "weight_signed must be true for EBSP"),
        ({"pattern": 0}, "pattern must be from 1 to 15, not 0; the nearest is 1"),
        ({"lut": 3}, "lut must be"),
        ({"lanes": 2}, "parameter must be one that systolic has, not 'lanes'"),
    ],
)  # fmt: skip
def test_refusal(parameters: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        make_spec("systolic", parameters)
    assert str(caught.value).startswith(sentence)


def test_a_boundary_it_has_not() -> None:
    with pytest.raises(
        UserError,
        match=r"^boundary of systolic must be pe or core or unit or axi-stream, not 'row'$",
    ):
        build("systolic", SystolicSpec(), "row")


def modules(verilog: str) -> list[str]:
    return re.findall(r"^module (\w+)", verilog, re.M)


@pytest.mark.parametrize("boundary", ["core", "unit"])
@pytest.mark.parametrize("sparsity", ["dense", "zero-gated", "dbb", "joint-dbb"])
def test_modules_are_written_once(boundary: str, sparsity: str) -> None:
    spec = SystolicSpec(rows=3, cols=5, a=2, b=8, c=1, sparsity=sparsity)
    top = "array"
    text = generate("systolic", spec, boundary, top=top)
    names = modules(text)
    assert len(names) == len(set(names)) and names[0] == top
    for part, count in (("row", spec.rows), ("pe", spec.cols), ("dot", spec.a * spec.c)):
        assert names.count(f"{top}_{part}") == 1
        assert len(re.findall(rf"^  {top}_{part} \w+ \(", text, re.M)) == count
    if sparsity == "joint-dbb" and boundary == "unit":
        assert names.count(f"{top}_serialiser") == 1
        assert len(re.findall(rf"^  {top}_serialiser \w+ \(", text, re.M)) == spec.rows * spec.a


def test_verilog_grows_with_the_side_of_the_grid() -> None:
    small, large = (
        generate("systolic", SystolicSpec(rows=side, cols=side), "unit", top="array")
        for side in (16, 32)
    )
    assert modules(small) == modules(large)
    assert len(large) < 2.5 * len(small)


def test_hierarchy_survives_synthesis_when_asked(tmp_path: Path) -> None:
    """A grid of 2 x 3 is then two rows of three instances of one PE, and else flat."""
    spec = SystolicSpec(rows=2, cols=3, act_width=2, weight_width=2, acc_width=8)
    left = {}
    for asked in (False, True):
        text = generate("systolic", spec, "core", keep_hierarchy=asked, top="systolic_core")
        (tmp_path / "grid.v").write_text(text)
        log = run_yosys(
            [
                "read_verilog grid.v",
                "synth -flatten -top systolic_core -run begin:fine",
                "tee -o left stat",
            ],
            tmp_path,
        )
        assert "systolic_core" in log
        left[asked] = modules_of((tmp_path / "left").read_text())
    assert left == {False: ["systolic_core"], True: [
        "systolic_core", "systolic_core_dot", "systolic_core_pe", "systolic_core_row",
    ]}  # fmt: skip


def modules_of(report: str) -> list[str]:
    """Return the modules that Yosys reports on."""
    return sorted(set(re.findall(r"^=== (systolic\w+) ===", report, re.M)))


def test_density_does_not_change_a_joint_array() -> None:
    """How many activations are kept is said by each beat."""
    one, all_of_them = (
        SystolicSpec(rows=1, cols=1, b=8, sparsity="joint-dbb", act_nonzeros=kept)
        for kept in (1, 8)
    )
    verilog = [to_verilog(build("systolic", spec), "x") for spec in (one, all_of_them)]
    assert verilog[0] == verilog[1]
    mode = one.modes[0]
    assert (one.macs_per_cycle(mode), all_of_them.macs_per_cycle(mode)) == (8, 1)
    assert one.lanes == 1 and one.mac.length == 1


def test_an_engine_has_no_joint_density_bounds() -> None:
    with pytest.raises(UserError, match=r"^sparsity must be one of dense, zero-gated, dbb, not"):
        make_spec("systolic-engine", {"sparsity": "joint-dbb", "b": 8})


def test_codes_of_weights_are_refused() -> None:
    """The array steers weights at its edge; a nested MAC that takes codes would read them wrong."""
    with pytest.raises(UserError, match=r"^mac must be steered by the array, .* not 'stored'$"):
        SystolicSpec(rows=2, cols=2, mac=make_spec("ebsp", {"steering": "stored"}))
