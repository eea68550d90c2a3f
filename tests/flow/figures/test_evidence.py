"""Records of evidence: taken from what commands write, shown unit by unit, of today's RTL."""

import json
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from macsmith.catalog.catalog import make_spec, units
from macsmith.catalog.fingerprint import fingerprint
from macsmith.cli.evidence import make_anew, run_evidence
from macsmith.contract.errors import UserError
from macsmith.figures.evidence.all_kinds import KINDS, kind_of
from macsmith.figures.evidence.evidence_page import headings, left_open, rows_of, unit_rows, wrong
from macsmith.figures.evidence.full_suite import counted
from macsmith.figures.evidence.keeping import old, runs_of, take
from macsmith.figures.evidence.kind import Kind
from macsmith.host.verification_run import Run
from macsmith.verify.plan import Plan
from macsmith.verify.run_records import run_records
from macsmith.verify.verify import Case
from tests.support.checkout import ROOT

SEED = 20_261_129
"""Draws the specifications of the committed records whose RTL is compared."""

TINY = {"act_width": 2, "weight_width": 2}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the page and no record, which is a repository of one commit."""
    (tmp_path / "docs" / "img").mkdir(parents=True)
    (tmp_path / "README.md").write_text("")
    shutil.copy(ROOT / "docs" / "evidence.md", tmp_path / "docs")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path)]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "page"]):
        subprocess.run([*git, *words], check=True)
    return tmp_path


@cache
def marked(**settings: Any) -> str:
    """Return a record of the reference unit with parameters set, as JSON."""
    spec = make_spec("data-gated", settings)
    mark = fingerprint("data-gated", spec)
    return json.dumps({"unit": "data-gated", "parameters": spec.parameters(), "fingerprint": mark})


def spec_record(settings: dict[str, Any], **found: Any) -> dict[str, Any]:
    """Return a record with what was found."""
    return {**json.loads(marked(**settings)), **found}


@cache
def verified_json() -> str:
    """Return runs of two specifications as ``macsmith verify`` writes them."""
    plan = Plan(())
    cases = [
        Case("data-gated", make_spec("data-gated", settings), plan, variant)
        for settings, variant in (({}, "default"), (TINY, "tiny"))
    ]
    runs = []
    for case in cases:
        of = (case.unit, case.spec.parameters())
        for mode, exhaustive in (("8x8", True), ("2x2", False), ("mixed", False)):
            runs.append(
                Run(*of, mode, "bulk", "compiled", 1, case.variant, 10, 7, exhaustive=exhaustive)
            )
        runs.append(Run(*of, "8x8", "protocol", "icarus", 1, case.variant, 5, 3))
    return json.dumps(run_records(runs, cases))


def verified(**changed: Any) -> list[dict[str, Any]]:
    """Return these runs, those in bulk changed."""
    runs: list[dict[str, Any]] = json.loads(verified_json())
    return [run | (changed if run["layer"] == "bulk" else {}) for run in runs]


def taken(root: Path, name: str, records: Any) -> None:
    """Keep records of a kind."""
    file = root / f"{name}.json"
    file.write_text(json.dumps(records))
    take(kind_of(name), [file], root)


def cells(root: Path, unit: str = "data-gated") -> dict[str, str]:
    """Return what the table says of a unit."""
    runs = {name: runs_of(kind, root) for name, kind in KINDS.items()}
    (row,) = (row for row in unit_rows(runs) if row[0] == unit)
    return dict(zip(headings(), row, strict=True))


def told(root: Path, of: Any) -> str:
    """Return what the page lists, as wrong or as open."""
    return str(of({name: runs_of(kind, root) for name, kind in KINDS.items()}).text)


def test_committed_records_are_of_todays_rtl() -> None:
    """Of every unit's default, and of some other specifications that a seed draws."""
    assert old(ROOT, SEED) == []


def test_committed_records_say_what_they_depend_on() -> None:
    for kind in KINDS.values():
        for run in runs_of(kind, ROOT):
            assert run.records and run.versions["macsmith"] and run.date
            assert run.commit.startswith("`") and "local changes" not in run.commit, kind.name


def test_what_has_no_record_says_so(checkout: Path) -> None:
    assert set(cells(checkout).values()) == {"data-gated", "no record"}
    assert len(unit_rows({})) == len(units())
    assert told(checkout, wrong) == "Nothing, in what has a record."


def test_runs_are_gathered_by_specification(checkout: Path) -> None:
    taken(checkout, "verify", verified())
    found = cells(checkout)
    assert found["specifications"] == "2"
    assert found["exhaustive"] == "1 of 2 points"
    assert found["random packets"] == "48"
    assert found["ran on"] == "compiled, icarus"
    assert found["proved"] == cells(checkout, "dap")["exhaustive"] == "no record"
    assert told(checkout, wrong) == "Nothing, in what has a record."
    assert old(checkout, SEED) == []
    (run,) = runs_of(kind_of("verify"), checkout)
    assert [row["settings"].items() >= TINY.items() for row in run.records] == [False, True]
    assert run.versions["cocotb"]


def test_a_wrong_run_is_listed(checkout: Path) -> None:
    taken(checkout, "verify", verified(mismatches=1))
    assert told(checkout, wrong).splitlines() == [
        "- `verify`: data-gated default: 3 runs ended wrong",
        "- `verify`: data-gated tiny: 3 runs ended wrong",
    ]


def test_units_taken_anew_replace_their_rows_alone(checkout: Path) -> None:
    taken(checkout, "verify", verified())
    other = make_spec("dap")
    case = Case("dap", other, Plan(()))
    run = Run("dap", other.parameters(), "keep-1", "bulk", "compiled", 1, "", 10, 7)
    taken(checkout, "verify", run_records([run], [case]))
    assert cells(checkout)["specifications"] == "2"
    assert cells(checkout, "dap")["specifications"] == "1"
    taken(checkout, "verify", verified()[:1])
    assert cells(checkout)["specifications"] == "1"
    assert cells(checkout, "dap")["specifications"] == "1"


def test_a_record_of_other_rtl_is_found(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = verified()
    for record in records[:4]:
        record["fingerprint"] = "0" * 24
    taken(checkout, "verify", records)
    today = fingerprint("data-gated", make_spec("data-gated"))
    sentence = (
        f"docs/data/evidence/verify.json: data-gated is of RTL {'0' * 24}, today's is {today}; "
        "make evidence makes it anew"
    )
    assert old(checkout, SEED) == [sentence]
    assert not run_evidence(checkout, [], check=True, anew=False, seed=1, commands=[])
    said = capsys.readouterr().err
    assert sentence in said and "docs/evidence.md: region 'units' differs" in said


def test_building_blocks_are_no_units(checkout: Path) -> None:
    claim = {"claim": "a + b", "verdict": "proved", "depth": 0, "solver": "z3", "parameters": {}}
    marks = {"arithmetic": KINDS["prove"].blocks["arithmetic"](), "gone": "1" * 24}
    taken(checkout, "prove", [claim | {"unit": one, "rtl": mark} for one, mark in marks.items()])
    assert cells(checkout, "arithmetic")["proved"] == "1 of 1 claims"
    (sentence,) = old(checkout, SEED)
    assert f"gone is of RTL {'1' * 24}, today's is of no unit of the catalogue" in sentence


def test_the_page_follows_what_is_taken(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "v.json").write_text(json.dumps(verified()))
    given = [f"verify={checkout / 'v.json'}"]
    assert run_evidence(checkout, given, check=False, anew=False, seed=1, commands=[])
    assert "1 of 2" in capsys.readouterr().out
    assert "| 1 of 2 points | 48 |" in (checkout / "docs" / "evidence.md").read_text()
    assert run_evidence(checkout, [], check=True, anew=False, seed=1, commands=[])


def test_proofs_mutants_netlists_fuzzing_and_boards(checkout: Path) -> None:
    claim = {"variant": "", "claim": "o holds", "solver": "z3 4", "date": "2026-01-01"}
    taken(checkout, "prove", [
        spec_record({}, **claim, verdict="proved", depth=0),
        spec_record({}, **claim, verdict="bounded", depth=12),
        spec_record({}, **claim, verdict="failed", depth=3),
    ])  # fmt: skip
    survivor = {"fate": "alive", "description": "bit 3 of carry inverted (core.py:7)", "reason": ""}
    taken(checkout, "mutate", spec_record(
        {}, seed=1, drawn=200, counts={"alive": 1}, regions={}, score=0.995,
        survivors=[survivor, survivor | {"fate": "equivalent"}],
    ))  # fmt: skip
    run = verified()[0]
    taken(checkout, "netlists", [
        run | {"library": library, "library_sha256": "f" * 64, "layer": "netlist"}
        for library in ("one", "two", "two")
    ])  # fmt: skip
    fuzz = {"unit": "data-gated", "cases": 1000, "refused": 900, "failures": 0, "seed": 1}
    files = [checkout / name for name in ("specifications.json", "commands.json")]
    files[0].write_text(json.dumps([fuzz]))
    files[1].write_text(json.dumps([fuzz, fuzz | {"unit": "measure"}]))
    given = [f"fuzz={file}" for file in files]
    assert run_evidence(checkout, given, check=False, anew=False, seed=1, commands=[])
    board = spec_record({"arith": "operators"}, board="icebreaker", device="up5k")
    taken(checkout, "boards", board)
    suite = {"file": "test_a.py", "commit": "abc", "date": "2026-01-01", "passed": 9, "failed": 1}
    suite |= {"error": 0, "skipped": 2}
    taken(checkout, "suite", [suite, suite | {"file": "b", "commit": "def", "failed": 0}])
    assert [run.commit for run in runs_of(kind_of("suite"), checkout)] == ["`abc`, `def`"]
    assert counted(rows_of({"suite": runs_of(kind_of("suite"), checkout)}, "suite")) == (
        "18 passed, 1 failed, 0 error, 4 skipped"
    )
    found = cells(checkout)
    assert (
        "measure" not in (checkout / "docs" / "evidence.md").read_text().partition("wrong -->")[0]
    )
    assert found["proved"] == "1 of 3 claims"
    assert found["bounded"] == "1, 12 cycles or more"
    assert found["mutation score"] == "99.5% of 200"
    assert found["netlists"] == "one, two"
    assert found["fuzzed"] == "2,000 cases"
    assert found["boards"] == "icebreaker: bitstream, no run told"
    taken(checkout, "boards", board | {"light": "red"})
    assert cells(checkout)["boards"] == "icebreaker: red"
    assert told(checkout, wrong).splitlines() == [
        "- `suite`: test_a.py at abc: 1 failed",
        "- `prove`: data-gated: o holds: does not hold",
        "- `boards`: data-gated: icebreaker showed red",
    ]
    assert told(checkout, left_open).splitlines() == [
        "- `suite`: test_a.py at abc: 2 skipped",
        "- `suite`: b at def: 2 skipped",
        "- `prove`: data-gated: o holds: no fault within 12 cycles",
        "- `mutate`: data-gated: lives with bit 3 of carry inverted (core.py:7)",
    ]
    assert old(checkout, SEED) == []


def test_commands_are_run_and_what_they_write_is_kept(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = [f"--set={key}={value}" for key, value in TINY.items()]
    cores = ("measure", "data-gated", "--boundary", "core", "--no-energy", *tiny)
    kind = Kind("tried", lambda: (cores,), "", lambda records: [of_cells(one) for one in records])
    assert make_anew(kind, checkout, ["measure"])
    (run,) = runs_of(kind, checkout)
    assert {row["cells"] > 0 for row in run.records} == {True}
    # A command that ends badly and writes nothing leaves what there was.
    unknown = replace(kind, commands=lambda: (("measure", "no-such-unit"),))
    assert not make_anew(unknown, checkout, ["measure"])
    assert runs_of(kind, checkout) == [run]
    assert make_anew(kind, checkout, [])
    said = capsys.readouterr().err
    assert "evidence of tried is left out: there is no command measure yet" in said


def of_cells(record: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a measurement."""
    return {key: record[key] for key in ("unit", "cells")}


@pytest.mark.parametrize(
    ("given", "content", "sentence"),
    [
        ("other=x.json", "[]", "evidence must be of a kind, not 'other'; there are suite"),
        ("verify", "[]", "--take must be KIND=FILE, not 'verify'"),
        ("verify=none.json", "", "evidence none.json could not be read: No such file or directory"),
        ("verify=x.json", "{", "evidence x.json must be JSON, but is not"),
        ("verify=x.json", "[1]", "evidence x.json must be a list of records, but is not"),
        ("verify=x.json", "[]", "evidence of verify must have a record, but there is none"),
        ("mutate=x.json", '[{"unit": "dap"}]', "a record must have unit, parameters and fingerprint, but has unit"),
        ("fuzz=x.json", '[{"unit": "dap"}]', "a record of fuzzing must have cases, but has unit"),
        ("suite=x.json", "[]", "evidence of suite must have a record, but there is none"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_one_sentence(
    given: str, content: str, sentence: str, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    Path("x.json").write_text(content)
    with pytest.raises(UserError) as caught:
        run_evidence(checkout, [given], check=False, anew=False, seed=1, commands=[])
    assert str(caught.value).startswith(sentence)
    assert not (checkout / "docs" / "data").exists()


def test_a_check_stands_alone(checkout: Path) -> None:
    with pytest.raises(UserError, match="--check must be given alone, for it writes nothing"):
        run_evidence(checkout, [], check=True, anew=True, seed=1, commands=[])
