"""A family in a package of its own goes through every command, with no edit of macsmith."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from macsmith.analysis.area_delay_front import front
from macsmith.rtlsim.cocotb_runner import available_simulators
from tests.support.own_family import EXAMPLE, installed


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which the family is installed."""
    return installed(tmp_path_factory.mktemp("installed"))


def macsmith(environment: dict[str, str], folder: Path, *words: str) -> str:
    """Run a command outside the repository and return what it printed."""
    command = [sys.executable, "-m", "macsmith.cli", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_family_is_one_short_file() -> None:
    assert len((EXAMPLE / "popcount.py").read_text().splitlines()) < 150


def test_it_is_listed_and_generated(environment: dict[str, str], tmp_path: Path) -> None:
    listed = {
        one["unit"]: one for one in json.loads(macsmith(environment, tmp_path, "list", "--json"))
    }
    assert listed["popcount"]["operation"] == "word" and listed["popcount"]["modes"] == []
    assert [one["point"] for one in listed["popcount"]["points"]] == ["ones", "zeros"]
    macsmith(environment, tmp_path, "generate", "popcount", "--set", "width=13", "-o", "p.v")
    text = (tmp_path / "p.v").read_text()
    assert "module popcount_" in text and "// i__payload[12:0] bits" in text


def test_it_is_verified_in_both_layers(environment: dict[str, str], tmp_path: Path) -> None:
    words = ("verify", "popcount", "--accumulations", "200", "--json", "v.json")
    macsmith(environment, tmp_path, *words)
    runs = json.loads((tmp_path / "v.json").read_text())
    assert {run["layer"] for run in runs if run["simulator"] == "compiled"} == {"bulk"}
    ran = {run["simulator"] for run in runs if run["layer"] == "protocol"}
    assert ran == set(available_simulators())
    assert {run["mode"] for run in runs} == {"ones", "zeros", "mixed"}
    assert all(
        run["exhaustive"] for run in runs if run["layer"] == "bulk" and run["mode"] != "mixed"
    )
    assert not any(run["mismatches"] or run["failure"] for run in runs)


@pytest.mark.slow
def test_every_variant_is_verified(environment: dict[str, str], tmp_path: Path) -> None:
    words = ("verify", "popcount", "--all", "--accumulations", "100", "--json", "v.json")
    simulator = ("--simulator", available_simulators()[0])
    macsmith(environment, tmp_path, *words, *simulator)
    runs = json.loads((tmp_path / "v.json").read_text())
    assert {run["parameters"]["width"] for run in runs} == {8, 13, 64}
    assert not any(run["mismatches"] or run["failure"] for run in runs)


def test_a_fault_in_it_is_found(tmp_path: Path) -> None:
    environment = installed(tmp_path)
    module = tmp_path / "popcount.py"
    right = module.read_text()
    module.write_text(right.replace("count.eq(sum(word))", "count.eq(sum(word[1:]))"))
    assert module.read_text() != right
    words = ["verify", "popcount", "--accumulations", "100"]
    command = [sys.executable, "-m", "macsmith.cli", *words]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "popcount ones, all beats: bits = [[" in done.stderr


def test_it_is_measured_compared_and_reported(environment: dict[str, str], tmp_path: Path) -> None:
    files = ("--json", "r.json", "--csv", "r.csv", "--html", "r.html")
    shown = macsmith(environment, tmp_path, "compare", "popcount", "--energy", *files)
    records = json.loads((tmp_path / "r.json").read_text())
    assert "word/cycle" in shown and {record["boundary"] for record in records} == {"unit"}
    for record in records:
        assert (record["operation"], record["mode"]) == ("word", None)
        assert record["point"] in ("ones", "zeros") and record["operations_per_cycle"] == 1
    for point in ("ones", "zeros"):
        of_point = [record for record in records if record["point"] == point]
        measured = [record for record in of_point if record["energy_method"]]
        kept = front(of_point)
        assert sorted(map(str, measured)) == sorted(map(str, kept))
        assert all(record["energy_c0v2_per_operation"] > 0 for record in measured)
        (at_last,) = (
            row
            for record in of_point
            for row in record["equal_throughput"]
            if row["view"] == "energy-rate" and row["target"] == 100 and row["best"]
        )
        assert at_last["copies"] > 1
    assert "energy per word, C0V2 at equal throughput" in shown
    with (tmp_path / "r.csv").open() as file:
        assert {row["parameters.width"] for row in csv.DictReader(file)} == {"8"}
    assert "popcount" in (tmp_path / "r.html").read_text()
    again = macsmith(environment, tmp_path, "measure", "popcount", "--energy")
    assert "popcount" in again and "zeros" in again


def test_an_entry_point_that_does_not_load_is_one_sentence(tmp_path: Path) -> None:
    environment = installed(tmp_path)
    (tmp_path / "popcount.py").unlink()
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
    command = [sys.executable, "-m", "macsmith.cli", "list"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("macsmith: entry point popcount = popcount:UNIT must load")
