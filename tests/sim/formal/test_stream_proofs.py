"""Rules of arrays, pruning and engine: planted faults are found, and told in a sentence."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from amaranth import Signal

from macsmith.array.engine.requantiser import Requantiser
from macsmith.catalog.catalog import build, make_spec
from macsmith.formal.arithmetic.dap_prover import Pruning
from macsmith.formal.arithmetic.pe_arithmetic import PeArithmetic
from macsmith.formal.arithmetic.requantising import Requantising
from macsmith.formal.claim import FAILED, Claim
from macsmith.formal.streams.array_rules import SMALL, TileRules
from macsmith.formal.streams.engine_rules import SMALL as SMALL_ENGINE
from macsmith.formal.streams.engine_rules import BusRules, JobRules
from macsmith.formal.streams.stream_claims import StreamClaims
from macsmith.formal.streams.stream_rules import StreamRules
from macsmith.rtl.emit import to_rtlil
from tests.support import planted_faults as planted

ARRAY = make_spec("systolic", {**SMALL, "rows": 1, "cols": 1})
ENGINE = make_spec("systolic-engine", SMALL_ENGINE)
DAP = make_spec("dap", {"block": 4, "nonzeros": 2, "act_width": 2})


def failures(claims: Iterable[Claim], *texts: str) -> dict[str, str]:
    """Return the counterexamples of those claims that fail, of some or of all."""
    found = {one.text: one.decide() for one in claims if not texts or one.text in texts}
    assert found.keys() >= set(texts)
    return {text: one.counterexample for text, one in found.items() if one.verdict == FAILED}


@pytest.mark.parametrize(
    ("unit", "claim"),
    [
        (planted.TakesThirdTile, "o in flight bounded"),
        (planted.ForgetsLast, "o last right"),
    ],
)
def test_a_broken_array_is_found(unit: Any, claim: str) -> None:
    component = unit(ARRAY)
    claims = StreamClaims(TileRules(ARRAY, component), to_rtlil(component, "unit")).claims()
    assert failures(claims, claim)[claim].startswith(f"{claim} is broken ")


def test_a_register_without_reset_is_found() -> None:
    component = build("dap", DAP)
    rtlil = planted.without_reset(to_rtlil(component, "unit"), "o__valid")
    claims = StreamClaims(StreamRules(DAP, component), rtlil).claims()
    assert "o none invented" in failures(claims)


def test_a_pe_that_keeps_its_sums_is_found() -> None:
    pe = planted.KeepsSums(ARRAY)
    (sentence,) = failures(PeArithmetic("systolic", ARRAY, pe).claims()).values()
    assert "expected 0x" in sentence


def test_a_lost_activation_is_found() -> None:
    found = failures(Pruning(DAP, to_rtlil(planted.LosesOne(DAP), "unit")).claims())
    assert list(found) == ["largest kept, keep-1"]
    assert "values must be" in found["largest kept, keep-1"]


@pytest.mark.parametrize(
    ("unit", "claim"),
    [
        (planted.ForgetsData, "s_axil_b none invented"),
        (planted.ReadsAhead, "s_axil_r none lost"),
    ],
)
def test_a_broken_bus_is_found(unit: Any, claim: str) -> None:
    component = unit(ENGINE)
    claims = StreamClaims(BusRules(ENGINE, component), to_rtlil(component, "unit")).claims()
    assert failures(claims, claim)[claim]


def test_a_requantiser_that_saturates_elsewhere_is_found() -> None:
    other = replace(ENGINE, out_signed=True)
    wrong = Requantising(ENGINE, to_rtlil(Requantiser(other), "unit"))
    found = wrong.rounds(3)
    assert found.verdict == FAILED and "scaled = 0x" in found.counterexample
    assert Requantising(ENGINE).rounds(3).holds


@pytest.mark.slow
def test_a_job_without_an_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("macsmith.array.engine.axi_shell.EngineCore", planted.EndlessCore)
    component = build("systolic-engine", ENGINE)
    claims = StreamClaims(
        JobRules(ENGINE, component), to_rtlil(component, "unit"), 40, closes=False
    ).claims()
    sentence = failures(claims, "results last right")["results last right"]
    assert "results last right is broken 20 cycles after a reset" in sentence


def test_rules_that_contradict_each_other_are_found() -> None:
    """What is never reached, no rule is broken in: a host that may offer nothing shows that."""
    component = build("dap", DAP)
    rules = StreamRules(DAP, component)
    claims = StreamClaims(rules, to_rtlil(component, "unit"))
    claims.watched.assume("nothing", ~rules.valid("i"))
    assert list(failures(claims.claims())) == ["reached: o moves"]


@pytest.mark.parametrize("first", [0, 1])
def test_what_is_broken_for_ever_is_no_invariant(first: int) -> None:
    """No unbroken state leads to a broken one here: the first cycles alone tell."""
    component = build("dap", DAP)
    claims = StreamClaims(StreamRules(DAP, component), to_rtlil(component, "unit"))
    begun = Signal(init=1 - first)
    claims.watched.m.d.sync += begun.eq(1)
    claims.watched.broken("never", begun)
    assert list(failures(claims.claims())) == ["never"]
