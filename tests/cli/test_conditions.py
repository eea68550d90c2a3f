"""Conditions of figures on the command line: the machine has no say, wires and engine are told."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.cells import NANGATE
from tests.support.command import run

SMALL = ("serial-2d", "--boundary", "core", "--no-energy", "--set", "act_width=4",
         "--set", "weight_width=4", "--set", "modes=4x4")  # fmt: skip


def compared(folder: Path, *words: str, **env: str) -> tuple[str, Any]:
    """Return what a comparison prints, and its records, from a cache of its own."""
    folder.mkdir(exist_ok=True)
    env = {"MACSMITH_CACHE": str(folder / "cache"), "COLUMNS": "200"} | env
    done = run("compare", *SMALL, "--json", "records.json", *words, cwd=folder, **env)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, json.loads((folder / "records.json").read_text())


def test_whatever_else_is_installed_the_bytes_are_the_same(tmp_path: Path) -> None:
    found = []
    for name, says in (("none", None), ("old", "2.0.17"), ("new", "3.1.0")):
        programs = tmp_path / name / "bin"
        programs.mkdir(parents=True)
        if says:
            (programs / "sta").write_text(f"#!/bin/sh\ntouch {programs}/called\necho {says}\n")
            (programs / "sta").chmod(0o755)
        path = os.pathsep.join([str(programs), os.environ["PATH"]])
        printed, _ = compared(tmp_path / name, PATH=path)
        assert not (programs / "called").exists()
        found.append((printed, (tmp_path / name / "records.json").read_bytes()))
    assert found[0] == found[1] == found[2]
    assert "timing by macsmith, wires: none" in found[0][0]


@pytest.mark.parametrize(
    ("wires", "told"),
    [("none", "none"), ("library", "library"), ("fanout=0.15", "fanout, 0.15 fF/um")],
)
def test_wires_are_told_and_kept(wires: str, told: str, tmp_path: Path) -> None:
    printed, records = compared(tmp_path, "--tech", NANGATE, "--wires", wires)
    assert f"wires: {told}" in printed
    assert {one["wires"] for one in records} == {told}


def test_a_spread_is_told_and_kept(tmp_path: Path) -> None:
    _, records = compared(tmp_path, "--spread", "2", "--throughput", "none")
    marked = [one for one in records if one["spread"]]
    assert len(marked) == 1 < len(records)
    low, high = marked[0]["spread"]["area"]
    assert marked[0]["spread"]["netlists"] == [2] and low <= marked[0]["area_ge"] <= high


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--wires", "some"), "wires must be none, library, fanout or fanout=C"),
        (("--wires", "fanout"), "wires must be none or library on the generic library"),
        (("--timing-engine", "sta"), "timing-engine must be macsmith or opensta, not 'sta'"),
        (("--spread", "1"), "spread must be of at least 2 netlists, not 1"),
    ],
)  # fmt: skip
def test_bad_conditions_are_one_sentence(
    words: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    done = run("compare", *SMALL, *words, cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f"macsmith: {sentence}") and done.stderr.count("\n") == 1
