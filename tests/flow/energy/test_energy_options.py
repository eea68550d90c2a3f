"""Energies and cross-checks as a user asks for them: real commands, their files, their sentences."""

import gzip
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from macsmith.library import resolve
from tests.support.cells import NANGATE
from tests.support.command import run

SENTENCE = "must state internal_power and nom_voltage to give energies, but does not"


def without_groups(text: str, name: str) -> str:
    """Return Liberty text without its groups of this name, whatever they hold."""
    kept, place = [], 0
    for found in re.finditer(rf"\b{name}\s*\([^)]*\)\s*{{", text):
        if found.start() < place:
            continue
        kept.append(text[place : found.start()])
        depth, place = 1, found.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[place], 0)
            place += 1
    return "".join([*kept, text[place:]])


def test_a_real_library_without_power_data(tmp_path: Path) -> None:
    (file,) = resolve.resolve(NANGATE).liberty
    content = file.read_bytes()
    text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode()
    stripped = without_groups(text, "internal_power")
    assert "internal_power" in text and "internal_power" not in stripped
    assert stripped.count("leakage_power") == text.count("leakage_power")
    (tmp_path / "dark.lib").write_text(stripped)
    for words in (["--energy"], ["--energy-boundary", "unit"]):
        done = run(
            "measure", "data-gated", "--tech", "dark.lib", "--json", "m.json", *words, cwd=tmp_path
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"macsmith: dark {SENTENCE}\n"
    assert not (tmp_path / "m.json").exists()


def test_a_stimulus_where_there_is_no_energy_leaves_area_and_timing(tmp_path: Path) -> None:
    small = ("--set", "dataflow=weight", "--set", "act_width=2", "--set", "weight_width=2")
    words = ("measure", "systolic", *small, "--stimulus", "network", "--json", "m.json")
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    kept = json.loads((tmp_path / "m.json").read_text())
    assert {record["unit"] for record in kept} == {"systolic"}


def test_a_stimulus_of_macs_is_refused_for_other_units(tmp_path: Path) -> None:
    done = run("measure", "dap", "--stimulus", "network", "--json", "m.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "macsmith: the network must run on a MAC with precisions, not on dap\n"
    assert not (tmp_path / "m.json").exists()


@pytest.mark.parametrize("content", ["", "act,weight\n", "act,weight\n1,1\n"])
def test_an_empty_stimulus(content: str, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(content)
    done = run("measure", "data-gated", "--stimulus", "mine.csv", "--json", "m.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    beats = max(content.count("\n") - 1, 0)
    sentence = (
        f"a stimulus must hold at least one accumulation, not {beats} beats in accumulations of 50"
    )
    if not content:
        sentence = "stimulus mine.csv must begin with the line act,weight, not ''"
    assert done.stderr == f"macsmith: {sentence}\n"
    assert not (tmp_path / "m.json").exists()


def test_operands_of_files(tmp_path: Path) -> None:
    wide, narrow = (
        [(37 * k % top, 53 * k % top - top // 2) for k in range(200)] for top in (256, 16)
    )
    for name, pairs in (("wide.csv", wide), ("narrow.csv", narrow)):
        lines = ["act,weight", *(f"{act},{weight}" for act, weight in pairs)]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    done = run(
        "measure", "data-gated", "--tech", NANGATE, "--energy-boundary", "both", "--stimulus",
        "wide.csv", "--stimulus", "narrow.csv", "--clear-every", "20", "--json", "m.json",
        cwd=tmp_path, COLUMNS="160",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    records = json.loads((tmp_path / "m.json").read_text())
    modes = {"wide.csv": {"8x8"}, "narrow.csv": {"8x8", "8x4", "4x4"}}
    found = []
    for name, fit in modes.items():
        mine = [one for one in records if (one["stimulus"] or "").startswith(name)]
        places = {(one["boundary"], one["mode"]) for one in mine}
        assert places == {(boundary, mode) for boundary in ("core", "unit") for mode in fit}
        assert len(mine) == len(places)
        found += mine
        missing = ", ".join(m for m in ("8x8", "8x4", "8x2", "4x4", "2x2") if m not in fit)
        assert f"no energy in {missing} of data-gated: {name}" in done.stderr
    for one in found:
        by_place = one["energy_places"]
        assert bool(by_place) == (one["boundary"] == "unit")
        for split in filter(None, (one["energy_parts"], by_place)):
            assert one["energy_pj_per_mac"] == pytest.approx(sum(split.values()))
            assert all(f"{pj:.3f}" in done.stdout for pj in by_place.values())
    # Of the second stimulus there are records of netlists with energies only.
    assert len(records) == 2 * 3 * 2 * 5 + 2 * len(modes["narrow.csv"])


def test_no_icarus_is_one_sentence(tmp_path: Path) -> None:
    for tool in (os.environ.get("CXX", "c++"), "sta"):
        if found := shutil.which(tool):
            (tmp_path / Path(tool).name).symlink_to(found)
    done = run("measure", "data-gated", "--cross-check", PATH=str(tmp_path))
    sentence = "a cross-check needs Icarus Verilog: install it, so that iverilog and vvp are found"
    assert (done.returncode, done.stderr) == (2, f"macsmith: {sentence}\n")


def test_libraries_side_by_side_are_physical() -> None:
    done = run("compare", "data-gated", "--tech", NANGATE, "--tech", "generic")
    sentence = "technologies side by side must all state um2 and ns, which generic does not"
    assert (done.returncode, done.stderr) == (2, f"macsmith: {sentence}\n")
