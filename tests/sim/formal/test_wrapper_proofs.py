"""Stream rules of units in their AXI4-Stream wrapper, and faults that they find."""

from typing import Any

import pytest

from macsmith.catalog.catalog import build, make_spec, units
from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.contract.errors import UserError
from macsmith.formal.claim import BOUNDED, FAILED, Proof, Subject
from macsmith.formal.provers import proofs_of, prover, subjects
from macsmith.formal.streams.array_rules import SMALL
from macsmith.formal.streams.stream_rules import StreamRules
from macsmith.formal.streams.wrapper_rules import WrapperClaims, wrapped
from macsmith.rtl.emit import to_rtlil
from tests.support.broken_wrappers import RepeatingWrapper, WiredWrapper

DAP = make_spec("dap", {"block": 4, "nonzeros": 2, "act_width": 2})
ONE_PE = {**SMALL, "rows": 1, "cols": 1}


def proofs(name: str, parameters: dict[str, Any]) -> list[Proof]:
    """Return what becomes of all that is claimed of a unit in its wrapper."""
    spec = make_spec(name, parameters)
    subject = Subject(unit=name, spec=spec, boundary=AXI_STREAM)
    own = prover(name, AXI_STREAM)
    return list(proofs_of(subject, own, own.claims(spec)))


def least_of(name: str) -> dict[str, Any]:
    """Return the parameters of which `macsmith prove --all` takes a unit first."""
    parameters: dict[str, Any] = subjects([name])[0].spec.parameters()
    return parameters


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("data-gated", {}),
        pytest.param("systolic", ONE_PE, marks=pytest.mark.slow),
        pytest.param("systolic", {**ONE_PE, "dataflow": "weight"}, marks=pytest.mark.slow),
        *(
            pytest.param(name, least_of(name), marks=pytest.mark.slow)
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


def test_a_part_of_a_unit_has_no_streams() -> None:
    with pytest.raises(UserError) as told:
        prover("data-gated", "core")
    assert str(told.value) == (
        "boundary must be unit or axi-stream to check data-gated, not 'core'"
    )
