"""The worked scripts run from outside the repository, and say what they should."""

import subprocess
import sys
from pathlib import Path

import pytest

from macsmith import api
from tests.support.cells import NANGATE
from tests.support.hand_written import FILES
from tests.support.own_family import EXAMPLE
from tests.support.sample import every

SCRIPTS = EXAMPLE.parent


def run(script: str, folder: Path, *words: str) -> str:
    """Run a script in a folder of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / script), *words], cwd=folder, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_units_in_a_design_of_ones_own(tmp_path: Path) -> None:
    assert "sum of n (n - 4) for n below 8: 28\n" in run("embed_and_simulate.py", tmp_path)


@pytest.mark.parametrize("library", every(2, ["embedded", "nangate45"]))
def test_a_measurement_to_a_table(library: str, tmp_path: Path) -> None:
    words = () if library == "embedded" else (str(NANGATE),)
    heading, *lines = run("measure_to_table.py", tmp_path, *words).splitlines()
    assert heading.split()[:2] == ["unit", "point"]
    *rows, page = lines
    assert {row.split()[0] for row in rows} == {"data-gated", "subword-st"}
    # Unit, point, area, period and energy.
    assert all(len(row.split()) == 5 and min(map(float, row.split()[2:])) > 0 for row in rows)
    assert page == "macs.html" and "<html" in (tmp_path / page).read_text()


def test_everything_public_is_documented_and_there() -> None:
    for name in api.__all__:
        assert getattr(api, name) is not None, name
        assert callable(getattr(api, name)) is False or getattr(api, name).__doc__, name


def test_verify_and_golden() -> None:
    spec = api.spec("data-gated", act_width=3, weight_width=3)
    runs = api.verify("data-gated", spec, simulators=(), packets=100)
    assert runs and all(run.right and run.layer == "bulk" for run in runs)
    assert "module data_gated_" in api.verilog("data-gated", spec)
    assert api.unit("data-gated").spec is type(spec) and "dap" in api.units()


def test_rtl_of_ones_own() -> None:
    file = FILES["bit_serial"]
    name, spec = api.own_rtl([file], "bit_serial", file.with_suffix(".toml"), BITS=8)
    assert name == "verilog:bit_serial(BITS=8)"
    (run,) = api.verify(name, spec, simulators=(), packets=100)
    assert run.right and run.mode == "8x8"
    bare = api.own_rtl([FILES["acc_mul"]], "acc_mul")
    records = api.measure(dict([bare]))
    assert len(records) == 9 and {one["unit"] for one in records} == {"verilog:acc_mul"}
    with pytest.raises(api.UserError, match="must be measured or verified, not generated"):
        api.verilog(*bare)


def test_network_cost() -> None:
    units = {"data-gated": api.spec("data-gated")}
    with pytest.raises(api.UserError, match="unit must be a MAC style here"):
        api.network_cost({"dap": api.spec("dap")}, "envision-lenet")
    records = api.network_cost(units, "envision-lenet")
    assert records and {record["unit"] for record in records} == {"data-gated"}
