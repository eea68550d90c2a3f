"""The pruning unit in the commands: verified and measured like others, without products."""

import csv
import json
import sys
from pathlib import Path

import pytest

from macsmith.cli import main
from tests.support.simulators import quick_simulator

SMALL = ("--set", "block=4", "--set", "nonzeros=1", "--set", "act_width=2")


def macsmith(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run the command in this process and return its exit status."""
    monkeypatch.setattr(sys, "argv", ["macsmith", *words])
    with pytest.raises(SystemExit) as raised:
        main.main()
    return int(raised.value.code or 0)


def test_it_is_measured_without_products(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("measure", "dap", *SMALL, "--json", "m.json", "--csv", "m.csv")
    assert macsmith(monkeypatch, *words) == 0
    records = json.loads((tmp_path / "m.json").read_text())
    assert {record["recipe"] for record in records} == {"speed", "balanced", "area"}
    for record in records:
        assert record["parameters"] == {
            "act_width": 2, "act_signed": False, "block": 4, "nonzeros": 1, "form": "bitmask",
        }  # fmt: skip
        assert record["area_ge"] > 0 and record["period_tau"] > 0 and record["flip_flops"] > 0
        for key in ("mode", "macs_per_cycle", "cycles_per_result", "gmacs_per_s_per_mm2",
                    "energy_pj_per_mac", "input_bits_per_mac", "output_bits_per_mac"):  # fmt: skip
            assert record[key] is None, key
    with (tmp_path / "m.csv").open() as file:
        assert [row["parameters.form"] for row in csv.DictReader(file)] == ["bitmask"] * len(
            records
        )
    assert "dap" in capsys.readouterr().out


def test_its_energies_are_those_of_a_block(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("measure", "dap", *SMALL, "--energy", "--json", "m.json", "--csv", "m.csv")
    assert macsmith(monkeypatch, *words) == 0
    records = json.loads((tmp_path / "m.json").read_text())
    known = [record for record in records if record["stimulus"]]
    assert [record["point"] for record in known] == ["keep-0", "keep-1"]
    for record in records:
        energy, parts = record["energy_c0v2_per_operation"], record["energy_parts_c0v2"]
        assert record["operation"] == "block"
        assert (energy is not None) == (record in known)
        assert sum(parts.values()) == pytest.approx(energy or 0.0)
        assert record["energy_pj_per_operation"] is None and not record["energy_parts"]
        assert not [key for key, value in record.items() if key.endswith("_per_mac") and value]
    none, one = (record["energy_c0v2_per_operation"] for record in known)
    assert 0 < none < one  # what is kept has to be written
    assert "C0V2/block" in capsys.readouterr().out
    with (tmp_path / "m.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["energy_c0v2_per_operation"]]
    assert [float(row["energy_c0v2_per_operation"]) for row in rows] == [none, one]


def test_it_is_compared_and_swept_like_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    assert macsmith(monkeypatch, "compare", "dap", *SMALL, "--html", "c.html") == 0
    assert "C0V2/block" in capsys.readouterr().out
    page = (tmp_path / "c.html").read_text()
    assert "energy per block" in page and "energy per MAC" not in page
    assert macsmith(monkeypatch, "measure", "dap", *SMALL, "--curve", "--json", "v.json") == 0
    netlists = {record["recipe"] for record in json.loads((tmp_path / "v.json").read_text())}
    assert netlists > {"speed", "balanced", "area"}
    told = capsys.readouterr().out
    assert "no other netlist of the unit is smaller and as fast; block/ktau" in " ".join(
        told.split()
    )
    words = ("sweep", "dap", *SMALL[:2], *SMALL[4:], "--set", "nonzeros=1,2", "--json", "s.json")
    assert macsmith(monkeypatch, *words) == 0
    swept = json.loads((tmp_path / "s.json").read_text())
    found = {(record["parameters"]["nonzeros"], record["point"]) for record in swept}
    assert found == {(n, f"keep-{k}") for n in (1, 2) for k in range(n + 1)}
    energies = [one for one in swept if one["energy_c0v2_per_operation"]]
    assert {one["parameters"]["nonzeros"] for one in energies} == {1, 2}
    assert "C0V2/block" in capsys.readouterr().out


def test_it_is_verified_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("verify", "dap", *SMALL, "--simulator", quick_simulator(), "--accumulations", "500")
    assert macsmith(monkeypatch, *words, "--json", "v.json") == 0
    runs = json.loads((tmp_path / "v.json").read_text())
    assert {run["layer"] for run in runs} == {"bulk", "protocol"}
    assert not any(run["mismatches"] for run in runs)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("measure", "dap", "--boundary", "core"), "boundary of dap must be unit or axi-stream, not 'core'"),
        (("verify", "dap", "--set", "nonzeros=9"), "nonzeros must be from 1 to 8, not 9; the nearest is 8"),
        (("verify", "dap", "--set", "digit=2"), "parameter must be one that dap has, not 'digit'; "),
        (("mix", "dap"), "unit must be a MAC style here, one of "),
        (("scaling", "dap"), "unit must be a MAC style here, one of "),
        (("measure", "dap", "--cross-check"), "a cross-check must be left out for dap"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(
    words: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert macsmith(monkeypatch, *words) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith(f"macsmith: {sentence}")
    assert captured.err.count("\n") == 1 and not list(tmp_path.iterdir())
