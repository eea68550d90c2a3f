"""Sweeps: what they are of, and that nothing of them is lost or made twice."""

import json
import os
import random
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from pathlib import Path

import pytest

from macsmith.analysis.sweep import Sweep, stated
from macsmith.analysis.sweep_values import values_of
from macsmith.catalog.catalog import compared, make_spec
from macsmith.cli import main
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Synthesis, jobs_for
from macsmith.jobs.process_pool import Pool
from macsmith.jobs.result_store import Address
from macsmith.jobs.task import Outcome, T, Task
from macsmith.library import generic_liberty, resolve
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.command import run
from tests.support.dark import DARK
from tests.support.killing import Killed, alive, events, finish, made, start, wait_for, workers

WORDS = (
    "data-gated", "serial-1d", "--set", "act_width=2..4", "--set", "weight_width=2",
    "--boundary", "core", "--recipe", "area", "--recipe", "speed", "--no-energy",
)  # fmt: skip
"""A small sweep: 24 points, without energies, for which recipes of other commands compete."""

POINTS = 24


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records of the small sweep, and its cache."""
    folder = tmp_path_factory.mktemp("undisturbed")
    process = start(["sweep", *WORDS, "--json", str(folder / "s.json")], folder / "cache")
    status, out, err = finish(process)
    assert (status, err.strip()) == (0, "")
    assert f"{POINTS} points: 0 found, {POINTS} computed; 0 combinations refused" in out
    return folder


def test_records_are_those_of_measure(undisturbed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACSMITH_CACHE", str(undisturbed / "cache"))
    done = run("measure", "serial-1d", "--set", "act_width=3", "--set", "weight_width=2",
               "--boundary", "core", "--no-energy", "--json", str(undisturbed / "m.json"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    alone = json.loads((undisturbed / "m.json").read_text())
    swept = json.loads((undisturbed / "s.json").read_text())
    wanted = [json.dumps(r) for r in alone if r["recipe"] in ("area", "speed")]
    assert wanted and wanted == [
        json.dumps(r)
        for r in swept
        if r["unit"] == "serial-1d" and r["parameters"]["act_width"] == 3
    ]
    # Each point was made once; only the recipe that the sweep had not, in two forms, was made now.
    assert set(events(undisturbed / "cache", "kept").values()) == {1}
    assert events(undisturbed / "cache", "kept").total() == POINTS + 2


def test_a_killed_sweep_goes_on(undisturbed: Path, tmp_path: Path) -> None:
    rng, kills = random.Random(1), 3
    killed = Killed(["sweep", *WORDS, "--json", str(tmp_path / "s.json")], tmp_path / "cache")
    while len(killed.seen) < kills:
        number = len(killed.seen)
        at_work = killed.kill(POINTS * (number + 1) // (kills + 2), rng.uniform(0, 0.3))
        if not at_work:  # this process slept too long: from the start
            shutil.rmtree(killed.cache)
            killed = Killed(killed.words, tmp_path / "cache")
        assert not at_work or not (tmp_path / "s.json").exists()
    status, out, err = finish(start(killed.words, killed.cache))
    assert (status, err.strip()) == (0, "")
    assert (tmp_path / "s.json").read_bytes() == (undisturbed / "s.json").read_bytes()
    began, kept = events(killed.cache, "began"), events(killed.cache, "kept")
    assert len(began) == POINTS and killed.again() == [] and max(kept.values()) == 1
    assert began.total() - POINTS <= kills * len(os.sched_getaffinity(0))
    assert list((killed.cache / "tmp").glob("macsmith-*")) == []
    found = int(out.split(f"{POINTS} points: ")[1].split()[0])
    assert 0 < found < POINTS


def test_an_interrupt_is_one_sentence(tmp_path: Path) -> None:
    """The sweep is so long that only an interrupt ends it."""
    long, points = ["--set", "headroom=0..7"], 8 * POINTS
    process = start(
        ["sweep", *WORDS, *long, "--json", str(tmp_path / "s.json")], tmp_path / "cache"
    )
    assert wait_for(lambda: events(tmp_path / "cache", "kept").total() >= 1)
    process.send_signal(signal.SIGINT)
    status, out, err = finish(process)
    assert (status, out) == (130, "")
    said = re.fullmatch(
        rf"macsmith: interrupted; (\d+) of {points} points are kept, and the same command goes on "
        "from there", err.strip(),
    )  # fmt: skip
    assert said, err
    assert int(said[1]) <= events(tmp_path / "cache", "kept").total() < points
    assert not alive(workers(tmp_path / "cache")) and not (tmp_path / "s.json").exists()


def test_a_worker_that_dies_is_replaced(undisturbed: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    process = start(["sweep", *WORDS, "--json", str(tmp_path / "s.json")], cache)
    assert wait_for(lambda: events(cache, "kept").total() >= 4)
    victim = made(cache)[-1]["process"]
    os.kill(victim, signal.SIGKILL)
    status, _, err = finish(process)
    assert (status, err.strip()) == (0, "")
    assert (tmp_path / "s.json").read_bytes() == (undisturbed / "s.json").read_bytes()
    assert events(cache, "began").total() <= POINTS + len(os.sched_getaffinity(0))


VALUES = [
    ("act_width", ["4..8"], [4, 5, 6, 7, 8]),
    ("act_width", ["4..16..4"], [4, 8, 12, 16]),
    ("act_width", ["2, 4..6 ,5", "9"], [2, 4, 5, 6, 9]),
    ("adder", ["ripple,sklansky"], ["ripple", "sklansky"]),
    ("act_signed", ["true,false"], [True, False]),
    ("modes", ["8x8,4x4", "8x8"], [(Mode.parse("8x8"), Mode.parse("4x4")), (Mode.parse("8x8"),)]),
]


@pytest.mark.parametrize(("key", "texts", "values"), VALUES)
def test_values_are_as_written(key: str, texts: list[str], values: list[object]) -> None:
    assert values_of("data-gated", key, texts) == values


FILE = """
units = ["data-gated", "serial-1d"]
tech = "generic"
boundaries = ["core"]
recipes = ["area", "speed"]
energy = false
stimulus = "network"

[parameters]
act_width = "2..4"
weight_width = [2, 3]
act_signed = [true, false]
modes = ["2x2", "2x2,2x1"]
"""


def test_a_file_says_what_options_say(tmp_path: Path) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(FILE)
    settings = [
        "act_width=2..4", "weight_width=2", "weight_width=3", "act_signed=true",
        "act_signed=false", "modes=2x2", "modes=2x2,2x1",
    ]  # fmt: skip
    given = {
        "units": ["data-gated", "serial-1d"], "tech": ["generic"], "boundaries": ["core"],
        "recipes": ["area", "speed"], "energy": False, "stimulus": "network", "adders": None,
    }  # fmt: skip
    said = stated(file, [], {})
    assert said == stated(None, settings, given)
    assert len(said.specs()[0]) == 2 * 3 * 2 * 2 * 2
    narrower = stated(file, ["act_width=4"], {"units": ["data-gated"], "recipes": None})
    assert narrower.units == ["data-gated"] and narrower.recipes == ["area", "speed"]
    assert {spec.act_width for _, spec in narrower.specs()[0]} == {4}


def test_points_are_all_combinations() -> None:
    sweep = Sweep(parameters={"act_width": ["4,8"], "digit": ["1..2"]}, recipes=["area"])
    specs, refused = sweep.specs()
    assert [(one.unit, dict(one.settings)) for one in refused] == [("subword-st", {"act_width": 4})]
    serial = [(n, s.act_width, s.digit) for n, s in specs if n.startswith("serial")]
    assert serial == list(product(("serial-1d", "serial-2d"), (4, 8), (1, 2)))
    assert len(specs) == len(serial) + 2 * (len(compared()) - 2) - 1
    jobs = sweep.jobs(specs, resolve.resolve())
    assert len(jobs) == len(specs) * 2 * 1 * 2 and len(set(jobs)) == len(jobs)
    assert sweep.jobs(specs[:1], resolve.resolve()) == jobs_for(
        dict(specs[:1]), ("unit", "core"), [Recipe.AREA], resolve.resolve()
    )


BAD = [
    (("--set", "act_width"), "--set must be key=values, such as act_width=4..8, not 'act_width'"),
    (("--set", "act_width=8..4"), "act_width must be a range that rises, not '8..4'; take 4..8"),
    (("--set", "act_width=4..8..0"), "act_width must be a range first..last or first..last..step with a step of at least 1, such as 4..16..4, not '4..8..0'"),
    (("--set", "act_width=4..many"), "act_width must be a range first..last or first..last..step"),
    (("--set", "act_width=4,,8"), "act_width must be a whole number, not ''"),
    (("--set", "act_width=99..100"), "a sweep must have a combination that its units allow, but all 2 are refused: act_width must be from 2 to 32, not 99; the nearest is 32"),
    (("--set", "headroom=0..999999"), "a sweep must have at most 100000 combinations of parameters, not 1000000"),
    (("--set", "levls=1,2"), "parameter must be one that data-gated has, not 'levls'; there are "),
    (("--set", "digit=1,2"), "parameter must be one that data-gated has, not 'digit'; "),
    (("--set", "modes=8x8,4by4"), "mode must be activation bits x weight bits, such as 8x4, not '4by4'"),
    (("--recipe", "fast"), "recipes must be of speed, balanced, area, not 'fast'"),
    (("--boundary", "chip"), "boundaries must be of unit, core, not 'chip'"),
    (("--adders", "luts"), "adders must be of gates, cells, not 'luts'"),
    (("--stimulus", "noise"), "stimulus must be uniform or stationary or network, not 'noise'"),
    (("--energy", "--tech", DARK), "dark must state internal_power and nom_voltage to give energies, but does not"),
    (("--tech", "no-such"), "technology must be a Liberty file, a folder or a known name, not 'no-such'"),
    (("--json", "no/such/folder/s.json"), "output must be in a folder that exists, not in no/such/folder"),
    (("--workers", "2", "--scheduler", "tcp://127.0.0.1:9"), "--workers must not be given with --scheduler, which has its own, not 2"),
    (("--file", "no.toml"), "sweep file no.toml must be readable: No such file or directory"),
    (("--file", "/"), "sweep file / must be readable: Is a directory"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "sentence"), BAD, ids=lambda part: " ".join(part)[:40])
def test_bad_input_is_one_sentence(
    words: tuple[str, ...], sentence: str, dark: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    words = tuple(dark if word == DARK else word for word in words)
    monkeypatch.setattr(sys, "argv", ["macsmith", "sweep", "data-gated", *words])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.startswith(f"macsmith: {sentence}")
    assert len(shown.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


BAD_FILES = [
    ("units = [", "must be TOML, but is not: "),
    ("unit = 'data-gated'", "must have keys of a sweep, not 'unit'; did you mean units"),
    ("energy = 'yes'", "must be true or false, not 'yes'"),
    ("parameters = 4", "must be a table, not 4"),
    ("[parameters]\nact_width = []", "must have a value, not []"),
    ("[parameters]\nact_width = [4.5]", "must be text, numbers or truth values, not 4.5"),
    ("[parameters]\nmodes = [['8x8']]", "must be text, numbers or truth values, not ['8x8']"),
]


@pytest.mark.parametrize(("content", "sentence"), BAD_FILES)
def test_bad_file_is_one_sentence(content: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(content)
    with pytest.raises(UserError) as raised:
        stated(file, [], {})
    assert sentence in str(raised.value) and str(file) in str(raised.value)
    assert "\n" not in str(raised.value)


class Here:
    """Runs tasks in this process, save those that ``fails`` chooses."""

    def __init__(self, fails: Callable[[Task], bool]) -> None:
        self._fails = fails

    def run(self, tasks: Iterable[T]) -> Iterator[Outcome[T]]:
        for task in tasks:
            if self._fails(task):
                yield task, RuntimeError("no luck")
            else:
                task.run()
                yield task, None


def test_one_failure_leaves_the_others(
    undisturbed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path))
    spec = make_spec("data-gated", {"act_width": 2, "weight_width": 2})
    generic = resolve.resolve()
    jobs = jobs_for({"data-gated": spec}, ["core"], [Recipe.AREA], generic)
    runner = Here(lambda task: isinstance(task, Synthesis) and task.job.adder_cells)
    with pytest.raises(RuntimeError, match="no luck"):
        measure(jobs, generic, runner=runner)
    failures, done = [], []
    records = measure(
        jobs, generic, lambda task, found: done.append((task.label, found)), None, runner,
        lambda task, error: failures.append((task.label, str(error))),
    )  # fmt: skip
    assert failures == [("data-gated core area cells", "no luck")]
    assert ("data-gated core area gates", True) in done and len(done) == 2
    assert {record["adders"] for record in records} == {"gates"}
    swept = json.loads((undisturbed / "s.json").read_text())
    assert records == [
        r for r in swept if r["unit"] == "data-gated" and r["parameters"]["act_width"] == 2
        and r["recipe"] == "area" and r["adders"] == "gates"
    ]  # fmt: skip


class Fatal(Task):
    """Ends the process that runs it."""

    label = "a fatal task"

    def gives(self) -> tuple[Address, ...]:
        return ()

    def run(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def test_workers_that_keep_dying_end_it() -> None:
    with Pool(1) as pool, pytest.raises(UserError) as raised:
        list(pool.run([Fatal()]))
    assert str(raised.value) == (
        "worker processes must live, but were ended 3 times in a row while at a fatal task; if "
        "memory is short, take fewer --workers, and in a script of your own measure below if "
        '__name__ == "__main__":'
    )


def test_the_page_of_a_sweep_names_its_points(undisturbed: Path) -> None:
    page = undisturbed / "s.html"
    process = start(["sweep", *WORDS, "--html", str(page)], undisturbed / "cache")
    status, out, _ = finish(process)
    assert status == 0 and f"{POINTS} points: {POINTS} found, 0 computed" in out
    assert "serial-1d act_width=3" in page.read_text()


def test_a_page_has_one_technology(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    library = tmp_path / "mine.lib"
    library.write_text(generic_liberty.render())
    files = ["--tech", "generic", "--tech", str(library), "--html", str(tmp_path / "r.html")]
    monkeypatch.setattr(sys, "argv", ["macsmith", "sweep", *WORDS, *files])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "macsmith: --html must have one technology, not 2\n"
