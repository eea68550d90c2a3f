"""Verification of many cases: how thoroughly each is tried, and what one bad case does to others."""

from pathlib import Path
from typing import Any

import pytest

from macsmith.catalog.catalog import compared, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.unit import DEFAULT
from macsmith.host.threads import WORKERS
from macsmith.mac.design_variants import KINDS
from macsmith.mac.parallel.data_gated import DataGated
from macsmith.rtlsim.unwrapped import with_own_streams
from macsmith.verify.plan import Plan
from macsmith.verify.verify import Case, every_case, parts, verify
from tests.support.broken import LosesLast

NO_SIMULATOR = Plan((), accumulations=10)
NARROW = {"act_width": 4, "weight_width": 4}


def test_defaults_are_tried_in_full_and_variants_on_the_quick_simulator() -> None:
    plan = Plan(("verilator", "icarus"), seed=7)
    cases = every_case(["subword-st"], plan)
    full = [case for case in cases if case.plan == plan]
    assert [case.variant for case in full] == [f"levels={n}, {DEFAULT}" for n in (1, 2)]
    others = {case.plan for case in cases} - {plan}
    assert others == {Plan(("icarus",), 7, accumulations=10_000, simulated=200)}
    assert plan.simulated >= 2000
    assert [what for case, what in parts(full[:1])] == ["bulk", "verilator", "icarus"]


def test_only_simulator_is_the_quick_one() -> None:
    assert Plan(("verilator",)).shorter().simulators == ("verilator",)
    assert Plan(()).shorter().simulators == ()


def test_every_unit_has_its_cases() -> None:
    cases = every_case(compared(), NO_SIMULATOR)
    assert {case.unit for case in cases} == set(compared())
    assert len({case.title for case in cases}) == len(cases) > 19 * len(KINDS) * 3 / 4
    assert Case("data-gated", make_spec("data-gated"), NO_SIMULATOR).title == "data-gated"


def test_case_without_a_verdict_does_not_stop_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(name: str, spec: Any, boundary: str) -> object:
        if spec.headroom == 1:
            return LosesLast(DataGated(spec))
        return with_own_streams(name, spec, boundary)

    monkeypatch.setattr("macsmith.rtlsim.bulk_engine.with_own_streams", broken)
    specs = [make_spec("data-gated", NARROW | {"headroom": headroom}) for headroom in (1, 2)]
    runs = verify([Case("data-gated", spec, NO_SIMULATOR, "4 bits") for spec in specs], tmp_path)
    failed, *right = runs
    assert failed.failure.startswith("the unit gave fewer results than the")
    assert (failed.title, failed.layer, failed.right) == ("data-gated 4 bits", "bulk", False)
    assert len(right) == 4 and all(run.right for run in right)


def test_interruption_leaves_out_what_has_not_begun(tmp_path: Path) -> None:
    done: list[str] = []

    def interrupted(title: str, what: str) -> None:
        done.append(title)
        raise KeyboardInterrupt

    case = Case("data-gated", make_spec("data-gated", NARROW), NO_SIMULATOR)
    with pytest.raises(KeyboardInterrupt):
        verify([case] * 20, tmp_path, interrupted)
    assert 1 <= len(done) <= WORKERS


def test_error_of_the_user_is_no_failure_of_the_unit(tmp_path: Path) -> None:
    case = Case("data-gated", make_spec("data-gated", NARROW), Plan(("questa",), accumulations=10))
    with pytest.raises(UserError, match="simulator must be verilator or icarus"):
        verify([case], tmp_path)
