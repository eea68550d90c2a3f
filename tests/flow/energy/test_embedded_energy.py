"""Energies of the embedded library: by hand, in keys of their own, and on the demo's page."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from macsmith.analysis.published.camus_2019_mixes import WIDE
from macsmith.catalog.catalog import make_spec
from macsmith.cli.demo import STYLES, on_page
from macsmith.contract.errors import UserError
from macsmith.energy.netlist_to_delays import to_timed
from macsmith.energy.power_model import EnergyModel
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, jobs_for
from macsmith.library import generic_liberty, resolve
from macsmith.library.technology import Technology
from macsmith.netlist.event_driven import simulate
from macsmith.operands.stimulus import Uniform
from macsmith.records.record import Record
from macsmith.report.page.all_sections import sections_of
from macsmith.report.page.page import page
from macsmith.report.terminal.energies import energies
from macsmith.report.terminal.units import comparison, to_csv
from macsmith.synthesis.mapped_netlist import Instance, Module
from macsmith.synthesis.yosys_abc import Recipe
from macsmith.timing import nldm_sta
from tests.support.browsing import Opened
from tests.support.dark import dark_library, without_power

PERIOD = 1000.0
GATES = (
    Instance("u0", "DFF_X1", {"D": 3, "CK": 2, "Q": 5}),
    Instance("u1", "DFF_X1", {"D": 4, "CK": 2, "Q": 6}),
    Instance("u2", "NAND2_X1", {"A": 5, "B": 6, "Y": 7}),
    Instance("u3", "INV_X1", {"A": 7, "Y": 8}),
)
"""``y = p & q`` behind flip-flops; their clock is net 2, their inputs nets 3 and 4."""


def spent(generic: Technology, p: Sequence[int], q: Sequence[int]) -> Mapping[str, float]:
    """Return the energy of all cycles in C0 V^2, with what the flip-flops hold in each."""
    module = Module({"clk": (2,), "d": (3, 4)}, {"y": (8,)}, GATES, {})
    analysis = nldm_sta.analyse(module, generic)
    timed = to_timed(module, generic, analysis, PERIOD)
    ahead = {3: [*p[1:], p[-1]], 4: [*q[1:], q[-1]]}
    values = {2: [1] * len(p), 5: list(p), 6: list(q)} | ahead
    nets = {timed.bits[bit]: value for bit, value in values.items()}
    held = iter((values[5], values[6]))  # the states behind the outputs, in order
    columns = [nets[net] if net in nets else next(held) for net in timed.gates.source_net.tolist()]
    words = np.array(columns, np.uint64).T[:, :, np.newaxis]
    model = EnergyModel(timed, generic, analysis, PERIOD)
    parts = model.parts(simulate(timed.gates, words, lanes=1))
    return {part: pj * 1e3 * (len(p) - 1) for part, pj in parts.items()}


def test_a_nand_and_an_inverter_by_hand(generic: Technology) -> None:
    """Both outputs move twice: the NAND 2 inside and 1 outside, the inverter 1 and the load."""
    found = spent(generic, p=[0, 1, 0, 0], q=[1, 1, 1, 1])
    assert found["logic"] == pytest.approx(2 * (2 + 1) / 2 + 2 * (1 + generic.load_ff) / 2)
    # Q moves twice: slave 6 + 2, and an input of 4/3. The other flip-flop's Q stands still.
    assert found["registers"] == pytest.approx(2 * (8 + 4 / 3) / 2)
    # Two flip-flops, six edges each: clocked gates 7, and 1 at the pin. One falling edge takes in
    # a D that is not Q: the master's 8.
    assert found["clock"] == pytest.approx(2 * 6 * (7 + 1) / 2 + 8 / 2)
    assert found["glitches"] == found["leakage"] == 0


def test_energy_scales_with_transitions(generic: Technology) -> None:
    still, once, often = (
        spent(generic, p=p, q=[1] * 9)
        for p in ([0] * 9, [0, 0, 0, 0, 1, 1, 1, 1, 1], [0, 1, 0, 1, 0, 1, 0, 1, 0])
    )
    assert still["logic"] == still["registers"] == 0
    assert often["logic"] == pytest.approx(8 * once["logic"])
    assert often["registers"] == pytest.approx(8 * once["registers"])
    # The clock's own energy is the same, and the master follows 7 times after the first, and once.
    master = 8 / 2
    assert once["clock"] == pytest.approx(still["clock"] + master)
    assert often["clock"] == pytest.approx(still["clock"] + 7 * master)


def test_area_and_timing_are_as_before() -> None:
    """But for energies and words about them the library is the one that older figures are of."""
    body = without_power(generic_liberty.render()).partition("*/\n")[2]
    assert hashlib.sha256(body.encode()).hexdigest() == LIBRARY


LIBRARY = "b51d60b9b3a130182d3ed639a17fec6b35eaaef2f175fff2d40360fd7963d2cb"
"""SHA-256 of the library as it was before it had energies, from the first group on."""


def test_no_leakage_is_stated(generic: Technology) -> None:
    cells = generic.library.cells.values()
    assert not any(cell.leakage for cell in cells)
    assert all(cell.power for cell in cells)
    assert "leakage are left out" in generic_liberty.render()


@pytest.fixture(scope="module")
def records(generic: Technology) -> list[Record]:
    jobs = [
        Job("subword-st", make_spec("subword-st"), boundary, Recipe.AREA, False)
        for boundary in ("core", "unit")
    ]
    return measure(jobs, generic, energy=EnergyPlan(Uniform(beats=500), ("core", "unit")))


def test_records_have_keys_of_their_own(records: list[Record]) -> None:
    for record in records:
        assert record["energy_pj_per_operation"] is record["energy_pj_per_mac"] is None
        assert record["energy_zero_delay_pj_per_mac"] is None
        assert record["energy_parts"] == record["energy_places"] == {}
        parts, whole = record["energy_parts_c0v2"], record["energy_c0v2_per_mac"]
        assert whole is not None and record["energy_c0v2_per_operation"] == whole
        assert list(parts) == ["clock", "registers", "logic", "inputs", "glitches"]
        assert sum(parts.values()) == pytest.approx(whole)
        settled = record["energy_zero_delay_c0v2_per_mac"]
        assert settled == pytest.approx(whole - parts["glitches"])
        method = record["energy_method"] or ""
        assert "modelled" in method and "no leakage" in method
        places = record["energy_places_c0v2"]
        if record["boundary"] == "unit":
            assert sum(places.values()) == pytest.approx(whole)
        else:
            assert not places


def test_tables_and_csv_show_them(records: list[Record]) -> None:
    for boundary in ("core", "unit"):
        shown = comparison(records, boundary)
        assert "C0V2/MAC" in [column.header for column in shown.columns]
        split = energies(records, boundary)
        assert split is not None
        heads = [column.header for column in split.columns]
        assert ("wrapper" in heads) == (boundary == "unit") and "leakage" not in heads
    header = to_csv(records).splitlines()[0].split(",")
    keys = "energy_c0v2_per_mac", "energy_parts_c0v2.clock", "energy_places_c0v2.core"
    assert set(keys) <= set(header)


def test_no_energies_is_one_sentence(tmp_path: Path) -> None:
    dark = resolve.resolve(str(dark_library(tmp_path)))
    jobs = jobs_for({"data-gated": make_spec("data-gated")}, ["core"], [Recipe.AREA], dark)
    sentence = r"^dark must state internal_power and nom_voltage to give energies, but does not$"
    with pytest.raises(UserError, match=sentence):
        measure(jobs, dark, energy=EnergyPlan())


@pytest.fixture(scope="module")
def demo_page(generic: Technology, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's page, of one recipe and with fewer operands."""

    def measured(units: Mapping[str, Any], *boundaries: str) -> list[Record]:
        jobs = [
            Job(name, spec, boundary, Recipe.AREA, False)
            for name, spec in units.items()
            for boundary in boundaries
        ]
        return measure(jobs, generic, energy=EnergyPlan(Uniform(beats=500), boundaries))

    name, parameters = WIDE
    found = measured({style: make_spec(style) for style in STYLES}, "unit", "core")
    shown = on_page(found, measured({name: make_spec(name, parameters)}, "core"))
    path = tmp_path_factory.mktemp("demo") / "comparison.html"
    path.write_text(page(shown, sections_of(shown, [generic])), encoding="utf-8")
    return path


def test_the_demo_has_every_figure(browser: Browser, demo_page: Path) -> None:
    opened = Opened(browser, demo_page)
    modes = ("8x8", "8x4", "8x2", "4x4", "2x2", "8x6")
    for boundary, mode in product(("unit", "core"), modes):
        opened.choose(boundary=boundary, mode=mode, bars="energy", scatter="energy-density")
        text = opened.page.locator("body").inner_text()
        assert not re.search("no figure", text, re.IGNORECASE)
        shown = set(opened.bars())
        wide = {"serial-1d, digit 4"} if boundary == "core" else set()
        assert shown == ({"ebsp"} if mode == "8x6" else {*STYLES, *wide} - {"ebsp"})
    assert opened.page.locator(".statements .verdict").count() == 6
    assert opened.page.locator("#published tbody tr").count() == 9
    assert not opened.complaints
