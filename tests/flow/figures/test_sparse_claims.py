"""What docs/sparse-engines.md says of its picture: the statement that it tests, on its records."""

import json
from typing import Any

import pytest

from tests.support.checkout import ROOT

(RUN,) = json.loads((ROOT / "docs" / "data" / "sparse-engines.json").read_text())["worth"]

AT: dict[tuple[str, float], Any] = {(one["name"], one["density"]): one for one in RUN["records"]}

DENSITIES = (1.0, 0.5, 0.25, 0.125, 0.05)

STRUCTURED = "k of 8 weights"

ANYWHERE = ("scnn", "eie")
"""Engines that leave out zeros of both operands wherever they lie."""


def energy(name: str, density: float) -> float:
    """Return what a useful product takes, memories included."""
    found = AT[name, density]
    return float(found["logic_pj"] + found["memory_pj"])


def least(density: float) -> str:
    """Return who spends least."""
    known = (name for name, at in AT if at == density)
    return min(known, key=lambda one: energy(one, density))


@pytest.mark.parametrize("name", ANYWHERE)
def test_structured_wins_above_a_density_and_unstructured_below(name: str) -> None:
    """The lecture's statement: there is one density at which they change places, near a quarter."""
    shares = [energy(name, density) / energy(STRUCTURED, density) for density in DENSITIES[1:]]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 1.5 and shares[1] == pytest.approx(1, abs=0.1) and shares[2] < 0.7


@pytest.mark.parametrize("name", ANYWHERE)
def test_unstructured_pays_below_a_density(name: str) -> None:
    """Beside dense hardware: not at a half, but from a quarter down."""
    pays = [energy(name, density) < energy("dense", density) for density in DENSITIES]
    assert pays == [False, False, True, True, True]


def test_who_wins_where() -> None:
    assert [least(density) for density in DENSITIES] == ["dense", *["cnvlutin-lane"] * 4]
    cycles = [
        min((name for name, at in AT if at == density), key=lambda one: AT[one, density]["cycles"])
        for density in DENSITIES
    ]
    assert cycles[1:4] == ["scnn"] * 3 and cycles[4] == "cnvlutin-lane"
