"""Stream rules of units in their AXI4-Stream wrapper, and faults that they find."""

from typing import Any

import pytest

from macsmith.catalog.catalog import build, make_spec, units
from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.contract.errors import UserError
from macsmith.formal.claim import BOUNDED, FAILED, INDUCTION, Proof, Subject
from macsmith.formal.provers import proofs_of, prover, subjects
from macsmith.formal.streams.array_rules import SMALL
from macsmith.formal.streams.model_checking import Model
from macsmith.formal.streams.open_wrapper import UNIT, Around, OpenWrapper
from macsmith.formal.streams.stream_rules import StreamRules
from macsmith.formal.streams.wrapper_rules import WrapperClaims, wrapped
from macsmith.rtl.axi_stream_wrapper import AxiStreamWrapper
from macsmith.rtl.emit import to_rtlil
from tests.support.broken_wrappers import (
    LosingWrapper,
    RepeatingWrapper,
    UnsteadyWrapper,
    WiredWrapper,
)

DAP = make_spec("dap", {"block": 4, "nonzeros": 2, "act_width": 2})
ONE_PE = {**SMALL, "rows": 1, "cols": 1}


def proofs(name: str, parameters: dict[str, Any]) -> list[Proof]:
    """Return what becomes of all that is claimed of a unit in its wrapper."""
    spec = make_spec(name, parameters)
    subject = Subject(unit=name, spec=spec, boundary=AXI_STREAM)
    own = prover(name, AXI_STREAM)
    return list(proofs_of(subject, own, own.claims(spec)))


def proved_of(name: str) -> dict[str, Any]:
    """Return of which parameters a unit's wrapper is proved.

    A unit that may take all of one input before the end of another is proved together with its
    wrapper, and so of the specification that `macsmith prove --all` takes; others of the default.
    """
    spec = make_spec(name)
    several = len(spec.inputs(spec.points[0])) > 1
    return dict(subjects([name])[0].spec.parameters()) if several else {}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("data-gated", {}),
        pytest.param("systolic", ONE_PE, marks=pytest.mark.slow),
        pytest.param("systolic", {**ONE_PE, "dataflow": "weight"}, marks=pytest.mark.slow),
        *(
            pytest.param(name, proved_of(name), marks=pytest.mark.slow)
            for name in units()
            if name not in ("data-gated", "systolic") and not units()[name].speaks_axi
        ),
    ],
)
def test_what_is_claimed_holds(name: str, parameters: dict[str, Any]) -> None:
    found = proofs(name, parameters)
    assert [proof for proof in found if not proof.holds or proof.verdict == BOUNDED] == []
    assert {"o without a path from an input"} <= {proof.claim for proof in found}


@pytest.mark.parametrize(
    ("wrapper", "claim", "said"),
    [
        (
            WiredWrapper,
            "i without a path from an input",
            "s_axis_tready depends on m_axis_tready within",
        ),
        (RepeatingWrapper, "o none invented", "o none invented is broken"),
    ],
)
def test_a_broken_buffer_is_found(wrapper: Any, claim: str, said: str) -> None:
    component = wrapper(build("dap", DAP), DAP)
    rules = wrapped(StreamRules)(DAP, component)
    claims = {one.text: one for one in WrapperClaims(rules, to_rtlil(component, "unit")).claims()}
    found = claims[claim].decide()
    assert found.verdict == FAILED and said in found.counterexample


def test_a_wrapper_is_proved_around_any_unit() -> None:
    """What is proved says that the unit's own rules are taken for granted."""
    component = build("dap", DAP, AXI_STREAM)
    claims = WrapperClaims(wrapped(StreamRules)(DAP, component), to_rtlil(component, "unit"))
    found = {one.text: one.decide() for one in claims.claims() if one.text.startswith("o none")}
    assert {one.verdict for one in found.values()} == {INDUCTION}
    assert all(
        one.solver.endswith("around any unit that keeps its rules") for one in found.values()
    )


def around_any_unit(wrapper: Any, *, kept: bool) -> tuple[Model, dict[str, str]]:
    """Return a wrapper around any unit, and its rules by what they say."""
    whole = wrapper(build("dap", DAP), DAP)
    to_rtlil(whole, "unit")  # or Amaranth warns that nothing elaborates it
    component = OpenWrapper(whole, DAP)
    model = Around(wrapped(StreamRules)(DAP, component), StreamRules, kept=kept).model
    return model, {model.texts[rule]: rule for rule in model.rules}


@pytest.mark.parametrize(("wrapper", "held"), [(AxiStreamWrapper, True), (UnsteadyWrapper, False)])
def test_what_a_wrapper_offers_to_any_unit_is_held(wrapper: Any, held: bool) -> None:
    model, rules = around_any_unit(wrapper, kept=False)
    offered = [rules[f"{UNIT} i {what}"] for what in ("valid held", "payload stable")]
    assert (model.inductive(offered, 1) == offered) is held


@pytest.mark.parametrize(
    ("wrapper", "rule", "verdict"),
    [
        (AxiStreamWrapper, "o none invented", INDUCTION),
        (AxiStreamWrapper, "o none lost", INDUCTION),
        (RepeatingWrapper, "o none invented", FAILED),
        (LosingWrapper, "o none lost", FAILED),
    ],
)
def test_a_faulty_wrapper_is_found_around_any_unit(wrapper: Any, rule: str, verdict: str) -> None:
    model, rules = around_any_unit(wrapper, kept=True)
    found = model.reachable(rules[rule], 60)
    assert found is not None and found.verdict == verdict


def test_a_part_of_a_unit_has_no_streams() -> None:
    with pytest.raises(UserError) as told:
        prover("data-gated", "core")
    assert str(told.value) == (
        "boundary must be unit or axi-stream to check data-gated, not 'core'"
    )
