"""Errors of the dual-window unit, against its definition in fractions."""

from fractions import Fraction
from statistics import mean

import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.verify.ebsp_product_errors import product_errors


def cut(number: int, pattern: int) -> int:
    """Return a number's first digits from its leading one down, zeros after them."""
    digits = f"{abs(number):b}"
    kept = int(digits[:pattern].ljust(len(digits), "0"), 2)
    return -kept if number < 0 else kept


@pytest.mark.parametrize("bits", [6, 8])
@pytest.mark.parametrize("signed", [False, True])
def test_errors_of_all_activations_and_legal_weights(bits: int, signed: bool) -> None:
    legal = [w for w in range(-(1 << bits - 1) + 1, 1 << bits - 1) if cut(w, 3) == w]
    acts = range(-128, 128) if signed else range(256)
    pairs = [(act * weight, cut(act, 3) * weight) for act in acts for weight in legal]
    sizes = [Fraction(abs(got - exact), abs(exact)) for exact, got in pairs if exact]
    shrink = [Fraction(abs(got), abs(exact)) - 1 for exact, got in pairs if exact]

    found = product_errors(
        make_spec(
            "ebsp",
            {"weight_width": bits, "pattern": 3, "lut": "dual-window", "act_signed": signed},
        )
    )

    assert found.worst == pytest.approx(float(max(sizes)))
    assert found.mean == pytest.approx(float(mean(sizes)))
    assert found.bias == pytest.approx(float(mean(shrink)))
    assert found.worst_absolute == max(abs(got - exact) for exact, got in pairs)
    assert found.mean_absolute == pytest.approx(mean(abs(got - exact) for exact, got in pairs))
    assert found.bias_absolute == pytest.approx(mean(got - exact for exact, got in pairs))


def test_worst_error_is_that_of_159() -> None:
    # 10011111 is read as 10000000.
    spec = make_spec("ebsp", {"weight_width": 6, "pattern": 3, "lut": "dual-window"})
    assert product_errors(spec).worst == 31 / 159


def test_other_organisations_are_exact() -> None:
    found = product_errors(make_spec("ebsp"))
    assert (found.worst, found.worst_absolute) == (0, 0)
