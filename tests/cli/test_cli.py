"""The command as a user meets it: a real process, its output, its files, its sentences."""

import csv
import json
import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from macsmith.arith.bit_heap import Rows
from macsmith.arith.compressor_tree import Bit
from macsmith.catalog import catalog
from macsmith.catalog.catalog import make_spec
from macsmith.catalog.catalog import units as all_units
from macsmith.cli import main
from macsmith.contract.modes import Mode
from macsmith.mac.core import MacCore
from macsmith.mac.parallel.data_gated import DataGated, DataGatedSpec
from macsmith.mac.parallel.subword_sa import SubwordSaSpec
from macsmith.mac.styles import Style
from tests.support.command import run, run_here
from tests.support.dark import DARK
from tests.support.simulators import quick_simulator


def test_list_names_every_unit() -> None:
    done = run("list")
    assert done.returncode == 0 and done.stderr == ""
    assert all(name in done.stdout for name in all_units())
    listed = json.loads(run("list", "--json").stdout)
    assert [entry["unit"] for entry in listed] == list(all_units())
    fused = next(entry for entry in listed if entry["unit"] == "dnc-2d-st")
    assert [mode["macs_per_cycle"] for mode in fused["modes"]] == [1, 2, 4, 4, 16]


def test_list_of_a_unit_has_defaults_and_values() -> None:
    done = run("list", "serial-1d")
    assert done.returncode == 0 and "subword-sa" not in done.stdout
    rows = {words[0]: words[1:] for line in done.stdout.splitlines() if (words := line.split())}
    assert rows["digit"] == ["1", "1,", "2", "or", "4"]
    assert rows["act_width"] == ["8", "from", "2", "to", "16"]
    assert rows["act_signed"] == ["false", "true", "or", "false"]
    assert rows["clock_gating"] == ["enable", "none,", "enable,", "cell"]
    assert rows["modes"][0] == "8x8,8x4,8x2,4x4,2x2"


def test_every_parameter_has_a_rule() -> None:
    for entry in json.loads(run("list", "--json").stdout):
        assert entry["values"].keys() == entry["parameters"].keys()
        assert not [rule for rule in entry["values"].values() if "must" in rule or rule == "any"]


def test_a_whole_list_has_a_row_a_unit() -> None:
    lines = run("list", COLUMNS="200").stdout.splitlines()
    assert len([line for line in lines if line.strip()]) <= len(all_units()) + 5


def test_every_wrong_word_is_told_below_the_usage() -> None:
    for words in (("verify", "--tech"), ("verify", "--teck", "generic"), ("list", "--json=1")):
        done = run(*words)
        assert done.returncode == 2 and done.stderr.startswith("Usage: macsmith "), done.stderr


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"macsmith {version('macsmith')}\n")


def test_an_interrupt_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalog, "units", interrupted)
    monkeypatch.setattr(sys, "argv", ["macsmith", "list"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 130
    told = capsys.readouterr().err
    assert told == "macsmith: interrupted; nothing is kept\n"


def test_generate_writes_the_file(tmp_path: Path) -> None:
    done = run("generate", "serial-1d", "--set", "digit=2", "-o", "mac.v", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (tmp_path / "mac.v").read_text()
    assert '"digit": 2' in text and "\nmodule serial_1d_" in text
    assert list(tmp_path.iterdir()) == [tmp_path / "mac.v"]
    core = run("generate", "serial-1d", "--boundary", "core", "--set", "modes=8x8,4x4")
    assert "\nmodule serial_1d_core_" in core.stdout


BAD = [
    (("generate", "datagated"), "unit must be a name of the catalogue, not 'datagated'; did you mean data-gated"),
    (("generate", "data-gated", "--boundary", "chip"), "boundary of data-gated must be unit or core or multiplier or axi-stream, not 'chip'"),
    (("generate", "systolic", "--boundary", "chip"), "boundary of systolic must be pe or core or unit or axi-stream, not 'chip'"),
    (("mix", "systolic"), "unit must be a MAC style here, one of data-gated"),
    (("measure", "systolic-engine", "--boundary", "unit"), "boundary must be logic to measure systolic-engine, whose memories no cell library has, not 'unit'"),
    (("measure", "systolic-engine", "--boundary", "core"), "boundary of systolic-engine must be unit or logic, not 'core'"),
    (("measure", "systolic-engine", "--energy"), "energy of systolic-engine must be left out"),
    (("measure", "systolic", "--energy", "--set", "dataflow=weight"), "energy of systolic must be of a pe with dataflow = 'output', not 'weight'"),
    (("measure", "systolic", "--energy", "--boundary", "core"), "energy of systolic must be at its pe, not core"),
    (("measure", "systolic", "--energy", "--tech", DARK), "dark must state internal_power and nom_voltage to give energies, but does not"),
    (("measure", "systolic", "--cross-check"), "a cross-check must be left out for systolic: it is made of MACs alone"),
    (("measure", "systolic", "--set", "dataflow=input", "--saif", "a.saif"), "saif must be left out for systolic where it has no energy"),
    (("array", "--pe", "2x8"), "pe must be A x B x C such as 2x8x2, not '2x8'"),
    (("array", "--pe", "1x17x17"), "c must be from 1 to 16, not 17; the nearest is 16"),
    (("array", "--density", "half"), "density must be dense, zero-gated, or non-zeros of a block such as 4/8 or 2:4, not 'half'"),
    (("array", "--density", "9/8"), "nonzeros must be from 1 to 8, not 9; the nearest is 8"),
    (("array", "--pe", "1x4x1", "--density", "4/8"), "pe must have whole blocks along B for density 4/8, not 1x4x1"),
    (("array", "--set", "b=4"), "--set must not be given for what --pe and --density say: 'b=4'"),
    (("array", "--set", "dataflow=input"), "dataflow must be 'output' here, not 'input'"),
    (("array", "--set", "mac=fp-dot"), "sparsity must be dense for mac = fp-dot, where zero times infinity is no zero, not 'zero-gated'"),
    (("array", "--energy", "--set", "mac=fp-dot"), "energy of systolic must be of a pe with mac of integers, not 'fp-dot', yet"),
    (("array", "--energy", "--tech", DARK), "dark must state internal_power and nom_voltage to give energies, but does not"),
    (("array", "--html", "no/such/folder/r.html"), "output must be in a folder that exists, not in no/such/folder"),
    (("generate", "data-gated", "--set", "act_width=99"), "act_width must be from 2 to 32, not 99; the nearest is 32"),
    (("generate", "data-gated", "--set", "act_width=wide"), "act_width must be a whole number, not 'wide'"),
    (("generate", "data-gated", "--set", "headroom=-1"), "headroom must be from 0 to 32, not -1; the nearest is 0"),
    (("generate", "data-gated", "--set", "act_signed=maybe"), "act_signed must be true or false, not 'maybe'"),
    (("generate", "data-gated", "--set", "modes=8x9"), "modes must have weights of 1 to weight_width = 8 bits, not 8x9"),
    (("generate", "data-gated", "--set", "modes=8by8"), "mode must be activation bits x weight bits, such as 8x4, not '8by8'"),
    (("generate", "data-gated", "--set", "headroom"), "--set must be key=value, such as headroom=4, not 'headroom'"),
    (("generate", "data-gated", "--set", "headroom=1", "--set", "headroom=2"), "--set must give each key once, not headroom twice"),
    (("generate", "data-gated", "--set", "headrom=1"), "parameter must be one that data-gated has, not 'headrom'; did you mean headroom"),
    (("generate", "data-gated", "-o", "no/such/folder/mac.v"), "output must be in a folder that exists, not in no/such/folder"),
    (("generate", "data-gated", "--bundle", "/"), "output must be a folder that is new or empty, not /"),
    (("generate", "data-gated", "--bundle", "."), "output must be another folder than that of the command, not ."),
    (("generate", "data-gated", "--bundle", "no/such/b"), "output must be in a folder that exists, not in "),
    (("generate", "data-gated", "--bundle", "b", "-o", "mac.v"), "--bundle must be given without --output: the Verilog is in the folder"),
    (("generate", "data-gated", "-o", "/"), "output must be a file, not the folder /"),
    (("verify", "data-gated", "--simulator", "vcs"), "simulator must be verilator or icarus, not 'vcs'"),
    (("verify", "--all", "--set", "headroom=1"), "--set must not be given with --all, which sets every parameter, not 'headroom=1'"),
    (("verify", "--all", "datagated"), "unit must be a name of the catalogue, not 'datagated'; did you mean data-gated"),
    (("verify", "systolic", "--set", "rows=0"), "rows must be from 1 to 256, not 0; the nearest is 1"),
    (("verify", "systolic-engine", "--set", "dataflow=weight"), "dataflow must be one of output, not 'weight'"),
    (("verify", "--set", "levls=1"), "parameter must be one that data-gated has, not 'levls'; there are "),
    (("compare", "--tech", "no-such"), "technology must be a Liberty file, a folder or a known name, not 'no-such'; there are generic"),
    (("compare", "--stimulus", "noise"), "stimulus must be uniform, stationary, network or a file that ends in .csv, .npy, .npz, not 'noise'"),
    (("compare", "--stimulus", "no/such.csv"), "stimulus no/such.csv could not be read: No such file or directory"),
    (("compare", "--clear-every", "0"), "a stimulus must hold at least one accumulation, not 10000 beats in accumulations of 0"),
    (("compare", "--energy-boundary", "chip"), "energy-boundary must be one that is measured, which is unit and core, not chip"),
    (("compare", "--throughput", "10..1"), "throughput must be auto, none or LOW..HIGH with 0 < LOW < HIGH, such as 0.1..10, not '10..1'"),
    (("compare", "--energy-netlists", "some"), "energy-netlists must be best, front, all, not 'some'"),
    (("compare", "--no-energy", "--energy-boundary", "unit"), "--energy-boundary must not be given with --no-energy"),
    (("compare", "--no-energy", "--energy-netlists", "all"), "--energy-netlists must not be given with --no-energy"),
    (("measure", "data-gated", "--boundary", "core", "--energy-boundary", "unit"), "energy-boundary must be one that is measured, which is core, not unit"),
    (("measure", "data-gated", "--boundary", "unit", "--cross-check"), "a cross-check must have the core measured, not the unit alone"),
    (("compare", "--tech", "generic", "--tech", "generic"), "technologies must have names of their own, not generic twice"),
    (("measure", "data-gated", "--energy", "--tech", DARK), "dark must state internal_power and nom_voltage to give energies, but does not"),
    (("measure", "data-gated", "--mode", "3x3"), "mode must be one of 8x8, 8x4, 8x2, 4x4, 2x2, not '3x3'"),
    (("compare", "--html", "no/such/folder/r.html"), "output must be in a folder that exists, not in no/such/folder"),
    (("compare", "--html", "/"), "output must be a file, not the folder /"),
    (("compare", "--html", "/proc/r.html"), "output must be in a folder that can be written, not in /proc"),
    (("compare", "--plots", "/proc/plots"), "output must be in a folder that can be written, not in /proc"),
    (("compare", "--plots", "/etc/passwd/plots"), "output must be a folder, not the file /etc/passwd"),
    (("zeros",), "technology must state um2, ns and pJ, as memories do, not generic; name a library by --tech"),
    (("demo", "--tech", "no-such"), "technology must be a Liberty file, a folder or a known name, not 'no-such'"),
    (("demo", "--folder", "/proc/demo"), "output must be in a folder that can be written, not in /proc"),
    (("list", "datagated"), "unit must be a name of the catalogue, not 'datagated'; did you mean data-gated"),
    (("board", "icebreker"), "board must be a name of the catalogue, not 'icebreker'; did you mean icebreaker"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "sentence"), BAD, ids=lambda part: " ".join(part)[:40])
def test_bad_input_is_one_sentence(
    words: tuple[str, ...], sentence: str, tmp_path: Path, dark: str
) -> None:
    done = run_here(*(dark if word == DARK else word for word in words), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"macsmith: {sentence}")
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "must hold one library group, not 0 groups"),
        (b"nonsense", "must be Liberty, not a file that holds 'nonsense'"),
        (
            b"library (l) { cell (INV) { area : 1; } }",
            "must hold timing tables (NLDM), but holds none",
        ),
    ],
)
def test_bad_library_is_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    library = tmp_path / "bad.lib"
    library.write_bytes(content)
    done = run("compare", "--tech", str(library), "--json", str(tmp_path / "c.json"))
    assert (done.returncode, done.stderr) == (2, f"macsmith: {library} {sentence}\n")
    assert list(tmp_path.iterdir()) == [library]


def test_missing_simulator_is_one_sentence(tmp_path: Path) -> None:
    done = run("verify", "data-gated", "--simulator", "icarus", PATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == "macsmith: simulator icarus needs iverilog, which was not found\n"


def test_verify_writes_runs(tmp_path: Path) -> None:
    done = run(
        "verify", "data-gated", "--accumulations", "500", "--seed", "4", "--json", "v.json",
        "--set", "act_width=4", "--set", "weight_width=4",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    runs = json.loads((tmp_path / "v.json").read_text())
    keys = {"unit", "parameters", "mode", "layer", "simulator", "seed", "vectors", "exhaustive", "mismatches"}  # fmt: skip
    assert all(keys <= set(entry) for entry in runs)
    assert {entry["layer"] for entry in runs} == {"bulk", "protocol"}
    assert {entry["seed"] for entry in runs} == {4}
    assert sum(entry["mismatches"] for entry in runs) == 0
    assert "mismatches" in done.stdout


def test_verify_all_shows_every_variant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    small = {"act_width": 4, "weight_width": 4, "modes": (Mode.parse("4x4"),)}
    kinds = {"default": small, "signed": small | {"act_signed": True}}
    monkeypatch.setattr("macsmith.mac.design_variants.KINDS", kinds)
    monkeypatch.setattr(SubwordSaSpec, "designs", {"levels": (1,)})
    monkeypatch.chdir(tmp_path)
    words = [
        "verify",
        "--all",
        "subword-sa",
        "--accumulations",
        "20",
        "--simulator",
        quick_simulator(),
    ]
    monkeypatch.setattr(sys, "argv", ["macsmith", *words, "--json", "v.json"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 0
    runs = json.loads(Path("v.json").read_text())
    labels = [f"levels=1, {kind}" for kind in kinds]
    assert list(dict.fromkeys(run["variant"] for run in runs)) == labels
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if "levels=" in line]
    assert [" ".join(row[-7:-5]) for row in rows] == labels
    # Modes, exhaustive ones, vectors, accumulations on the simulator, mismatches.
    assert all(row[-5:-3] == ["1", "1"] and row[-1] == "0" for row in rows)
    assert [int(row[-2].replace(",", "")) >= 2000 for row in rows] == [True, False]


class Wrong(DataGated):
    """A core that is off by one on every odd product."""

    def multiply(self, m):
        right = super().multiply(m)
        wrong = right.columns[0][0].value ^ (self.act[0] & self.weight[0])
        return Rows(((Bit(0, wrong),), *right.columns[1:]), right.constant)


def test_verify_says_where_waveforms_are(tmp_path: Path) -> None:
    small = ("--set", "act_width=2", "--set", "weight_width=2", "--accumulations", "10")
    words = ("verify", "data-gated", *small, "--simulator", quick_simulator(), "--waves")
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (told,) = re.findall(r"^waveforms: (.*)$", done.stderr, re.M)
    assert (tmp_path / told).stat().st_size > 1000


def test_mismatch_is_status_1_and_names_everything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    core: type[MacCore] = Wrong
    monkeypatch.setattr(
        "macsmith.catalog.catalog.STYLES",
        {"data-gated": Style("data-gated", DataGatedSpec, core, "one_product:ScalarModel")},
    )
    monkeypatch.setattr(catalog, "units", catalog.units.__wrapped__)
    monkeypatch.chdir(tmp_path)
    narrow = ["--set", "act_width=4", "--set", "weight_width=4"]
    words = ["macsmith", "verify", "data-gated", "--accumulations", "50", *narrow]
    monkeypatch.setattr(sys, "argv", [*words, "--json", "v.json"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert "data-gated 4x4, pairs in lane 0: a = [[" in shown
    assert "expected 0x" in shown and "got 0x" in shown
    runs = json.loads((tmp_path / "v.json").read_text())
    assert any(entry["mismatches"] and entry["examples"] for entry in runs)


def test_measure_writes_records(tmp_path: Path) -> None:
    words = ("measure", "data-gated", "--set", "act_width=4", "--set", "weight_width=4")
    done = run(*words, "--json", "m.json", "--csv", "m.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    records = json.loads((tmp_path / "m.json").read_text())
    modes = [
        str(mode) for mode in make_spec("data-gated", {"act_width": 4, "weight_width": 4}).modes
    ]
    assert [record["mode"] for record in records] == modes * 12
    with (tmp_path / "m.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(records)
    assert float(rows[0]["area_ge"]) == records[0]["area_ge"]
    assert "GE" in done.stdout
    again = run(*words, "--json", "m2.json", cwd=tmp_path)
    assert again.returncode == 0
    assert (tmp_path / "m2.json").read_bytes() == (tmp_path / "m.json").read_bytes()
