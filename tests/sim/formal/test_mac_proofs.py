"""Proofs of MACs: what is right is proved, and each planted fault is found, with an example."""

from collections.abc import Callable
from typing import Any

import pytest

from macsmith.catalog.catalog import build, make_spec
from macsmith.contract.modes import Mode
from macsmith.formal.arithmetic.mac_arithmetic import MacArithmetic, ModeClaims
from macsmith.formal.claim import FAILED, Finding
from macsmith.formal.streams.stream_claims import StreamClaims
from macsmith.formal.streams.stream_rules import StreamRules
from macsmith.mac.parallel.data_gated import DataGated
from macsmith.mac.unit import MacUnit
from macsmith.rtl.emit import to_rtlil
from tests.support import broken

MODES = tuple(map(Mode.parse, ("8x8", "4x4")))
SPEC = make_spec("data-gated", {"modes": MODES})


def failures(claims: Any) -> dict[str, str]:
    """Return the counterexamples of claims that fail."""
    found: dict[str, Finding] = {claim.text: claim.decide() for claim in claims}
    return {text: one.counterexample for text, one in found.items() if one.verdict == FAILED}


def arithmetic(unit: Any) -> dict[str, str]:
    return failures(MacArithmetic("data-gated", SPEC, to_rtlil(unit, "unit")).claims())


def streams(unit: Any) -> dict[str, str]:
    return failures(StreamClaims(StreamRules(SPEC, unit), to_rtlil(unit, "unit")).claims())


def test_a_dropped_partial_product_is_found() -> None:
    found = arithmetic(MacUnit(broken.LosesSign(SPEC)))
    assert "product 8x8" in found
    assert "expected 0x" in found["product 8x8"], found


def test_a_lost_carry_is_found() -> None:
    assert "accumulation 8x8" in arithmetic(MacUnit(broken.LosesCarry(SPEC)))


def test_registers_that_hold_less_than_anything_are_no_fault() -> None:
    """Sign bits between the slots of 2x2 are copies, so not every product is one."""
    spec = make_spec("subword-sa", {"levels": 1, "act_signed": True})
    unit = MacArithmetic("subword-sa", spec, to_rtlil(build("subword-sa", spec), "unit"))
    assert ModeClaims(unit, [str(mode) for mode in spec.points].index("2x2")).adds().holds


def test_an_accumulation_that_goes_on_is_found() -> None:
    found = arithmetic(broken.NeverFirst(DataGated(SPEC)))
    assert found["accumulation 8x8"] == "8x8: a first beat keeps something"


@pytest.mark.parametrize(
    ("unit", "claim"),
    [
        (broken.LosesLast, "o none lost"),
        (broken.AlwaysReady, "o none lost"),
        (broken.ChangesResult, "o payload stable"),
        (broken.ReadyBeforeValid, "o valid without ready"),
    ],
)
def test_a_broken_stream_is_found(unit: Callable[[Any], Any], claim: str) -> None:
    found = streams(unit(DataGated(SPEC)))
    assert claim in found
    assert found[claim]
