"""Wires: which model a library has under which conditions, and what these are called."""

import math
from typing import Any

import pytest

from macsmith.contract.errors import UserError
from macsmith.library.resolve import resolve
from macsmith.library.technology import Conditions, Technology
from tests.support.cells import NANGATE, under


@pytest.fixture(scope="module")
def library() -> Technology:
    """Nangate45, which has a wire-load model."""
    return resolve(NANGATE)


def test_a_librarys_own_model_is_the_default(library: Technology) -> None:
    assert (library.wires.name, library.wires.model) == ("library", library.library.wire_load)
    none = under(library, wires="none").wires
    assert (none.name, none.model) == ("none", None)


def test_lengths_by_fanout(library: Technology) -> None:
    wires = under(library, wires="fanout").wires
    assert wires.name == "fanout, 0.2 fF/um" and wires.model
    pitch = math.sqrt(library.nand2_area)
    assert [wires.model.length(loads) for loads in (1, 2, 7)] == pytest.approx(
        [3 * pitch, 6 * pitch, 21 * pitch]
    )
    # Nangate45 has a NAND2 of 0.798 um2: 3 x 0.893 um x 0.2 fF/um.
    assert wires.model.ff_per_length * wires.model.length(1) == pytest.approx(0.536, abs=1e-3)
    assert under(library, wires="fanout=0.1").wires.name == "fanout, 0.1 fF/um"


def test_a_library_without_a_model_has_lengths_by_fanout(technology: Technology) -> None:
    stated = technology.library.wire_load is not None
    expected = "library" if stated else "none" if technology.embedded else "fanout, 0.2 fF/um"
    assert technology.wires.name == expected


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        ({"wires": "fanuot"}, "wires must be none, library, fanout or fanout=C with C in fF per "
         "um, not 'fanuot'; did you mean fanout"),
        ({"wires": "none=1"}, "wires must be none, library, fanout or fanout=C"),
        ({"wires": "fanout=-1"}, "wires must have a capacitance above 0 fF per um, not '-1'"),
        ({"wires": "fanout=nan"}, "wires must have a capacitance above 0 fF per um, not 'nan'"),
        ({"wires": "fanout="}, "wires must have a capacitance above 0 fF per um, not ''"),
        ({"timing_engine": "sta"}, "timing-engine must be macsmith or opensta, not 'sta'"),
    ],
)  # fmt: skip
def test_conditions_that_are_refused(conditions: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        Conditions(**conditions)
    assert str(refused.value).startswith(sentence)


def test_the_generic_library_has_no_lengths(generic: Technology) -> None:
    with pytest.raises(UserError, match=r"^wires must be none or library on the generic library"):
        under(generic, wires="fanout")
