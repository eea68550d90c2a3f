"""What tensor PEs gain in products per area over the classic PE, on real cells."""

from typing import Any

import pytest

from macsmith.array.dot_product import style_of
from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import make_spec
from macsmith.jobs.netlist_job import Job, measured
from macsmith.library import resolve
from macsmith.library.technology import Technology
from macsmith.rtl.emit import to_rtlil
from macsmith.synthesis.yosys_abc import Recipe, synthesise
from tests.support.cells import NANGATE

SPARSE = {"a": 2, "b": 8, "c": 2, "sparsity": "dbb"}


@pytest.fixture(scope="module")
def library() -> Technology:
    return resolve.resolve(NANGATE)


def area(library: Technology, **parameters: Any) -> float:
    """Return the area of a PE with rippling adders as cells, the smallest form of most."""
    spec = make_spec("systolic", {"adder": "ripple", **parameters})
    return float(measured(Job("systolic", spec, "pe", Recipe.AREA, True), library)["area"])


@pytest.mark.parametrize(
    ("pe", "gain"),
    [
        ({"a": 2, "b": 4, "c": 2}, 1.6),
        (SPARSE | {"nonzeros": 4}, 1.4),
        (SPARSE | {"nonzeros": 2}, 2.5),
    ],
)
def test_products_per_area_over_the_classic_pe(
    library: Technology, pe: dict[str, Any], gain: float
) -> None:
    products = pe["a"] * pe["b"] * pe["c"]
    assert area(library) / (area(library, **pe) / products) >= gain


def test_the_classic_pe_is_a_mac_and_its_registers(library: Technology, tmp_path: Any) -> None:
    spec: Any = SystolicSpec(adder="ripple")
    core = style_of(spec.mac).build(spec.mac)
    mac = min(
        synthesise(
            to_rtlil(core, "unit"), "unit", library, recipe, tmp_path / recipe, leaf_cells=True
        ).area_um2
        for recipe in Recipe
    )
    flip_flop = library.library.cells["DFF_X1"].area
    registers = spec.act_width + spec.weight_width + spec.acc_width
    assert area(library) <= 1.05 * (mac + registers * flip_flop)
