"""A design with its cells in another order is the same design, and another netlist."""

import re

from macsmith.catalog.catalog import make_spec, rtlil
from macsmith.jobs.netlist_job import Job, measured, netlist_key
from macsmith.library.technology import Technology
from macsmith.synthesis.reordered_cells import reordered
from macsmith.synthesis.yosys_abc import Recipe


def test_every_order_has_the_same_cells() -> None:
    """Statements of RTLIL may come in any order, so the design is the same."""
    text = rtlil("data-gated", make_spec("data-gated"), "core")
    other = reordered(text, 1)
    assert other != text and cells_of(other) == cells_of(text)
    assert other == reordered(text, 1) != reordered(text, 2)


def cells_of(text: str) -> list[tuple[str, list[str]]]:
    """Return each module's line and its statements, cells as one each, in alphabetical order."""
    modules = []
    for module in re.split(r"^(?=module )", text, flags=re.M):
        cells = re.findall(r"^  cell .*?^  end\n", module, re.M | re.S)
        rest = re.sub(r"^  cell .*?^  end\n", "", module, flags=re.M | re.S)
        modules.append((rest, sorted(cells)))
    return modules


def test_a_seed_has_a_netlist_of_its_own(generic: Technology) -> None:
    spec = make_spec("serial-2d")
    first, second = (
        Job("serial-2d", spec, "core", Recipe.SPEED, False, seed=seed) for seed in (0, 1)
    )
    assert netlist_key(first, generic) != netlist_key(second, generic)
    results = [measured(job, generic) for job in (first, second)]
    assert results[0]["flip_flops"] == results[1]["flip_flops"]
    assert second.label == "serial-2d core speed gates order 1"
