"""Random specifications: each is a unit that verifies, or one sentence; its Verilog is clean."""

from pathlib import Path

import pytest
from hypothesis import assume

from macsmith.catalog.catalog import units, with_precisions
from macsmith.catalog.verilog import generate, top_name
from macsmith.contract.unit import UnitSpec
from macsmith.verify.plan import Plan
from macsmith.verify.verify import verification
from tests.support.fuzz_record import FuzzRecord, each_drawn
from tests.support.needs import THINGS
from tests.support.readers import icarus_says, slang_says, verible_says, verilator_says
from tests.support.spec_cases import Case, cases, counted, small

SEED = 14
ACCUMULATIONS = 28
"""Random packets at each point; pairs are enumerated all the same."""

HOURS = 12 * 3600
"""Seconds after which a long run is given up."""


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hundreds of compiled models are of no use to anybody later."""
    monkeypatch.setenv("MACSMITH_CACHE", str(tmp_path / "cache"))


def verifies(name: str, spec: UnitSpec) -> None:
    """Fail unless a unit agrees with its golden model in bulk."""
    runs = list(verification(name).bulk(spec, Plan((), accumulations=ACCUMULATIONS)))
    assert runs and all(run.vectors for run in runs)
    assert [run for run in runs if not run.right] == []


@pytest.mark.parametrize(
    "count",
    [
        12,
        pytest.param(1500, marks=[pytest.mark.slow, pytest.mark.timeout(HOURS)]),
    ],
)
def test_each_specification_verifies_or_is_one_sentence(count: int) -> None:
    record = FuzzRecord("specifications", SEED)

    def check(case: Case) -> None:
        spec = counted(case)
        assume(spec is None or small(spec))
        if spec is not None:
            verifies(case[0], spec)
        record.count(case[0], "refused" if spec is None else "legal")

    each_drawn(cases(), count, SEED, check)
    ends = record.ends
    assert ends.total() == count and min(ends["legal"], ends["refused"]) > count // 6
    if count > 1000:
        record.write()


MACS = with_precisions()
ARRAYS = "systolic", "systolic-engine"
OTHERS = [(name,) for name in units() if name not in (*MACS, *ARRAYS)]
LONG = [pytest.mark.slow, pytest.mark.timeout(HOURS)]


@pytest.mark.parametrize(
    ("what", "groups", "count"),
    [
        ("any", [tuple(units())], 3),
        pytest.param("macs", [MACS], 300, marks=LONG),
        pytest.param("arrays", [ARRAYS], 60, marks=LONG),
        pytest.param("others", OTHERS, 6, marks=LONG),
    ],
)
def test_verilog_of_each_is_clean_and_comes_out_equal_twice(
    what: str, groups: list[tuple[str, ...]], count: int, tmp_path: Path
) -> None:
    """So many random units of each group of families."""
    record = FuzzRecord(f"verilog-{what}", SEED)

    def check(case: Case) -> None:
        name, spec = case[0], counted(case)
        assume(spec is not None and small(spec))
        assert spec is not None
        text = generate(name, spec, "unit")
        assert generate(name, spec, "unit") == text
        top = top_name(name, spec, "unit")
        source = tmp_path / f"{top}.v"
        source.write_text(text)
        said = verilator_says(source, top=top) + slang_says(source) + verible_says(source)
        if THINGS["icarus"].here():
            said += icarus_says(source)
        assert said == "", said
        record.count(name, "clean")

    for names in groups:
        each_drawn(cases(names), count, SEED, check)
    assert record.ends.total() == count * len(groups)
    if count > 3:
        record.write()
