"""Pages renewed, checked and measured: in a checkout of one page, by a library of every machine."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.cli.figures import run_figures
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.figures import record_file, renewal
from macsmith.figures.arrays import joint_density
from macsmith.figures.docs_page import (
    LibraryRun,
    Measured,
    MeasuredRegion,
    Page,
    Records,
    Region,
    Shown,
)
from macsmith.figures.macs.mac_records import best
from macsmith.figures.markdown import table
from macsmith.figures.provenance import made
from macsmith.figures.renewal import Wanted, measure_anew, renew, stale
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology
from tests.support.command import run

TINY = {"act_width": 2, "weight_width": 2, "modes": (Mode(act_bits=2, weight_bits=2),)}


def measure_sizes(tech: Technology) -> Records:
    """Measure the smallest multiply-accumulate unit."""
    return best(tech, {"data-gated": make_spec("data-gated", TINY)})


def sizes(runs: Sequence[LibraryRun]) -> Shown:
    """Return its area on each library, and a picture of it."""
    rows = [[run.library, f"{run.records[0]['area_um2']:.1f}"] for run in runs]
    svg = f"<svg>{[run.library for run in runs]}</svg>"
    return Shown(f"{table(['library', 'um2'], rows)}\n\n{made(runs, 'Cores')}", {"sizes.svg": svg})


SIZES = Measured("sizes", measure_sizes, several=True)

PAGE = Page(
    "docs/tiny.md",
    (Region("fixed", lambda: Shown("always")), MeasuredRegion("sizes", SIZES, sizes)),
)

TEXT = "# Tiny\n\n<!-- fixed -->\n<!-- /fixed -->\n\n<!-- sizes -->\nby hand\n<!-- /sizes -->\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one page, which is a repository of one commit."""
    (tmp_path / "docs" / "img").mkdir(parents=True)
    (tmp_path / "README.md").write_text("")
    (tmp_path / PAGE.file).write_text(TEXT)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path)]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "page"]):
        subprocess.run([*git, *words], check=True)
    monkeypatch.setattr(renewal, "page_of", {"tiny": PAGE}.__getitem__)
    return tmp_path


def test_a_page_without_records_keeps_its_text(checkout: Path) -> None:
    said: list[str] = []
    renew(Wanted("tiny"), checkout, said.append)
    text = (checkout / PAGE.file).read_text()
    assert "always" in text and "by hand" in text
    assert said == [
        "docs/tiny.md: region 'sizes' has no records, its text stays; macsmith figures "
        "'tiny/sizes' --tech ... measures them"
    ]
    assert stale(Wanted("tiny"), checkout, said.append) == []


def test_measured_records_make_the_page(
    checkout: Path, textbook: Technology, tmp_path: Path
) -> None:
    one = Wanted("tiny")
    said: list[str] = []
    measure_anew(one, [textbook], checkout, said.append)
    assert said == ["measuring tiny/sizes on textbook"]
    (kept,) = record_file.read(checkout / "docs/data/tiny.json")["sizes"]
    assert (kept.library, kept.library_sha256) == ("textbook", textbook.sha256)
    assert re.fullmatch("`[0-9a-f]{7}`", kept.commit)
    assert kept.records[0]["versions"]["library_sha256"] == textbook.sha256
    assert kept.records[0]["area_um2"] > 0

    mend = "differs from what its records give; run macsmith figures tiny"
    assert stale(one, checkout, said.append) == [
        f"docs/tiny.md: region 'fixed' {mend}", f"docs/tiny.md: region 'sizes' {mend}",
        f"docs/img/sizes.svg {mend}",
    ]  # fmt: skip
    renew(one, checkout, said.append)
    assert stale(one, checkout, said.append) == []
    text = (checkout / PAGE.file).read_text()
    area = kept.records[0]["area_um2"]
    assert f"| textbook | {area:.1f} |" in text and textbook.sha256[:12] in text

    # Another library is added, and the same one measured again takes its own place.
    other = tmp_path / "other.lib"
    other.write_text(Path(textbook.liberty[0]).read_text())
    measure_anew(one, [resolve(str(other)), textbook], checkout, said.append)
    runs = record_file.read(checkout / "docs/data/tiny.json")["sizes"]
    assert [run.library for run in runs] == ["textbook", "other"]


def test_a_changed_record_or_text_fails_the_check(
    checkout: Path, textbook: Technology, capsys: pytest.CaptureFixture[str]
) -> None:
    one = Wanted("tiny")
    measure_anew(one, [textbook], checkout, print)
    renew(one, checkout, print)
    page, data = checkout / PAGE.file, checkout / "docs/data/tiny.json"
    right = page.read_text()
    sentence = (
        "docs/tiny.md: region 'sizes' differs from what its records give; run macsmith figures tiny"
    )

    page.write_text(right.replace("| textbook | ", "| textbook | 1"))
    assert stale(one, checkout, print) == [sentence]
    page.write_text(right)

    kept = json.loads(data.read_text())
    shared = kept["sizes"][0]["records"][0]
    shared["area_um2"] += 1
    data.write_text(json.dumps(kept))
    assert stale(one, checkout, print) == [sentence]
    (checkout / "docs/img/sizes.svg").write_text("<svg></svg>")
    assert stale(one, checkout, print)[1].startswith("docs/img/sizes.svg differs")
    renew(one, checkout, print)
    assert stale(one, checkout, print) == []
    assert page.read_text() != right


def test_records_that_lack_a_key_are_one_sentence(checkout: Path, textbook: Technology) -> None:
    measure_anew(Wanted("tiny"), [textbook], checkout, print)
    data = checkout / "docs/data/tiny.json"
    data.write_text(data.read_text().replace('"area_um2"', '"area"'))
    sentence = (
        "tiny.json must have 'area_um2' in its records of 'sizes', which are older than this "
        "version; macsmith figures 'tiny/sizes' --tech ... measures them"
    )
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}$"):
        stale(Wanted("tiny"), checkout, print)


def test_the_embedded_library_is_refused(checkout: Path, generic: Technology) -> None:
    sentence = "tech must be a library in um2 and ns for figures, not 'generic'"
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}$"):
        measure_anew(Wanted("tiny"), [generic], checkout, print)
    assert not (checkout / "docs/data").exists()


def test_without_a_commit_nothing_is_measured(checkout: Path, textbook: Technology) -> None:
    shutil.rmtree(checkout / ".git")
    sentence = (
        f"figures must be measured in a git repository, whose commit they state, not {checkout}"
    )
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}$"):
        measure_anew(Wanted("tiny"), [textbook], checkout, print)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ebps"], "page must have figures, not 'ebps'; did you mean ebsp"),
        (
            ["measurement/parameter"],
            "measurement/WHAT must name what is measured, not 'parameter'; did you mean parameters",
        ),
        (
            ["verification/variants"],
            "verification/WHAT must name what is measured, not 'variants'; nothing is measured for it",
        ),
        (
            ["ebsp", "--check", "--tech", "generic"],
            "--tech must be left out with --check, which measures nothing, not 'generic'",
        ),
    ],
)
def test_bad_words_are_one_sentence(words: list[str], sentence: str) -> None:
    done = run("figures", *words, cwd=Path(__file__).parents[3])
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"macsmith: {sentence}\n")


def test_elsewhere_than_in_a_checkout_is_one_sentence(tmp_path: Path) -> None:
    sentence = f"figures must be run in a checkout with its docs/ folder, not in {tmp_path}"
    done = run("figures", "--check", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, f"macsmith: {sentence}\n")


def test_the_command_checks_and_renews(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    (tmp_path / "docs" / "img").mkdir(parents=True)
    (tmp_path / "README.md").write_text("")
    right = (root / "docs" / "sparse-formats.md").read_text()
    page = tmp_path / "docs" / "sparse-formats.md"
    page.write_text(right.replace("| 2 of 4 | 32 |", "| 2 of 4 | 33 |"))
    assert page.read_text() != right
    stale_page = run("figures", "sparse-formats", "--check", cwd=tmp_path)
    assert (stale_page.returncode, stale_page.stderr) == (
        1,
        "docs/sparse-formats.md: region 'block sizes' differs from what its records give; run "
        "macsmith figures sparse-formats\n",
    )
    assert run("figures", "sparse-formats", cwd=tmp_path).returncode == 0
    assert page.read_text() == right
    assert run_figures(["sparse-formats"], [], True, tmp_path)


def test_pes_with_joint_density_bounds_gain_by_what_is_pruned(textbook: Technology) -> None:
    small = {"1x8x1, 4/8": joint_density.JOINT | {"a": 1, "b": 8, "c": 1}}
    records = joint_density.measure_pes(textbook, small)
    assert [record["pe"] for record in records] == ["1x1x1, classic", "1x8x1, 4/8"]
    classic, pe = records
    assert classic["products"] == 1 and pe["products"] == 8
    run_of_both = LibraryRun(
        "textbook", textbook.sha256, classic["versions"], "library", "`abc`", "2026-01-02", records
    )
    _, _, first, second = joint_density.pes([run_of_both]).text.splitlines()[:4]
    assert first.split(" | ")[0] == "| 1x1x1, classic" and first.endswith("|  |  |  |  |")
    gains = [float(cell) for cell in second.split("|")[-5:-1]]
    # All 8 activations of a block one after the other: 8 products in 8 cycles.
    assert gains[0] == pytest.approx(classic["area_um2"] / pe["area_um2"], abs=0.006)
    assert gains == [pytest.approx(gains[0] * 8 / kept, abs=0.05) for kept in joint_density.KEPT]
