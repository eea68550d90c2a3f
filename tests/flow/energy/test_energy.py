"""Energy: toggles against Icarus, a sum by hand, what the published studies found."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.energy.icarus_check import cross_check
from macsmith.energy.netlist_to_delays import to_timed
from macsmith.energy.power_model import EnergyModel
from macsmith.energy.unit_replay import check_compiler
from macsmith.jobs.energy_job import EnergyPlan, replay_of, write_saif
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job
from macsmith.library import generic_liberty, resolve
from macsmith.library.technology import Technology
from macsmith.netlist.event_driven import simulate
from macsmith.netlist.toggles import ToggleCounter
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.stimulus import Network, Uniform, cycles, play
from macsmith.synthesis.mapped_netlist import Instance, Module
from macsmith.synthesis.yosys_abc import Recipe
from macsmith.timing import nldm_sta
from tests.support.cells import NANGATE
from tests.support.dark import without_power
from tests.support.sample import every


@pytest.fixture(scope="module")
def library() -> Technology:
    """Nangate45, real cells with power data."""
    return resolve.resolve(NANGATE)


CHECKED = [
    ("data-gated", Recipe.SPEED, False),
    ("data-gated", Recipe.AREA, True),
    ("subword-st", Recipe.AREA, True),
    ("serial-1d", Recipe.SPEED, False),
]
"""Netlists set against Icarus; the last column is whether they hold full-adder cells."""


@pytest.mark.needs("icarus")
@pytest.mark.parametrize(("name", "recipe", "cells"), every(2, CHECKED))
def test_toggles_are_those_of_icarus(
    name: str, recipe: Recipe, cells: bool, library: Technology, tmp_path: Path
) -> None:
    spec = make_spec(name)
    replay = replay_of(Job(name, spec, "core", recipe, cells), library)
    ((_, batch),) = Uniform(beats=40, length=40).parts(name, spec, 0)
    check = cross_check(replay, batch, tmp_path)
    print(check)
    assert check.wrong == 0
    assert check.icarus > 1.05 * check.settled
    # Promised are 10 % of all transitions for gates and 15 % for full adders.
    assert abs(check.toggles_off) < 0.02
    assert abs(check.glitches_off) < 0.05
    assert check.percentile_95 < 0.1


def test_settled_toggles_are_those_without_delays(library: Technology) -> None:
    """At the unit boundary, where the netlist runs by itself."""
    spec = make_spec("serial-1d")
    replay = replay_of(Job("serial-1d", spec, "unit", Recipe.SPEED, False), library)
    ((_, batch),) = Uniform(beats=300, length=3).parts("serial-1d", spec, 3)
    ours = replay.activity(batch)
    engine = GateEngine(replay.gates)
    total = sum(1 for _ in play(engine, "serial-1d", spec, batch))
    counter = ToggleCounter(engine)
    for cycle, _ in enumerate(play(engine, "serial-1d", spec, batch)):
        if cycle >= total - cycles(spec, batch) - 1:
            counter.sample()
    assert counter.transitions == ours.cycles == 300 * 4
    for cell in replay.timed.cells:
        for pin, net in zip(cell.pins, cell.pin_nets, strict=True):
            bit = cell.instance.pins.get(pin)
            if isinstance(bit, int) and net not in replay.timed.clocks:
                assert ours.settled[net] == counter.counts[replay.gates.row(bit)]


@pytest.fixture
def powered(tmp_path: Path) -> Technology:
    """The embedded library with a few energies in fJ: an inverter's, a flip-flop's."""

    def table(edge: str, value: int) -> str:
        return f'{edge}_power (scalar) {{ values ("{value}"); }}'

    def group(head: str, rise: int, fall: int) -> str:
        return f"internal_power () {{ {head} {table('rise', rise)} {table('fall', fall)} }}"

    text = without_power(generic_liberty.render())
    for cell, pin, of_cell, own in (
        ("INV_X1", "Y", 'leakage_power () { when : "A"; value : 2; } cell_leakage_power : 1;',
         group("related_pin : A;", 3, 5)),
        ("DFF_X1", "CK", "", group('when : "D";', 7, 11)),
        ("DFF_X1", "Q", "", group("related_pin : CK;", 13, 17)),
    ):  # fmt: skip
        before = rf"(cell \({cell}\) {{)(.*?)(pin \({pin}\) {{)"
        text = re.sub(before, rf"\1 {of_cell} \2 \3 {own}", text, count=1, flags=re.S)
    path = tmp_path / "powered.lib"
    path.write_text(text)
    return resolve.resolve(str(path))


def test_a_sum_by_hand(powered: Technology) -> None:
    """``y = !q`` behind a flip-flop: d is 1, 1, 0, 0, so q is 0, 1, 1, 0; a period of 1000 ns."""
    cells = (
        Instance("u0", "DFF_X1", {"D": 3, "CK": 2, "Q": 4}),
        Instance("u1", "INV_X1", {"A": 4, "Y": 5}),
    )
    module = Module({"clk": (2,), "d": (3,)}, {"y": (5,)}, cells, {})
    analysis = nldm_sta.analyse(module, powered)
    timed = to_timed(module, powered, analysis, 1000.0)
    values = {2: [1, 1, 1, 1], 3: [1, 1, 0, 0], 4: [0, 1, 1, 0]}
    nets = {timed.bits[bit]: value for bit, value in values.items()}
    columns = [nets.get(net, values[4]) for net in timed.gates.source_net.tolist()]
    words = np.array(columns, np.uint64).T[:, :, np.newaxis]
    parts = EnergyModel(timed, powered, analysis, 1000.0).parts(
        simulate(timed.gates, words, lanes=1)
    )
    # D is 1 at two of the rising edges and one of the falling; the pin's capacitance is 1.
    clock = 7 + 7 + 11 + 6 * 1 / 2
    registers = 13 + 17 + 2 * 1 / 2
    logic = 3 + 5 + 2 * powered.load_ff / 2
    inputs = 1 * 2 / 2
    leakage = (2 + 2 + 1) * 1000e-3
    expected = {"clock": clock, "registers": registers, "logic": logic, "inputs": inputs,
                "glitches": 0.0, "leakage": leakage}  # fmt: skip
    assert parts == pytest.approx({part: fj / 3 * 1e-3 for part, fj in expected.items()})


def test_units_of_power(technology: Technology) -> None:
    """A flip-flop leaks a few nW at most and takes some fJ a clock edge, in every real library."""
    cells = technology.library
    assert cells.has_power
    assert 0.5 < cells.voltage < 5
    flip_flops = [cell for cell in cells.cells.values() if cell.sequential == "ff" and cell.power]
    for cell in flip_flops:
        tables = [table for power in cell.power for table in power.tables.values()]
        zero = np.zeros(len(tables))
        most = cells.tables.lookup(np.array(tables), zero, zero).max()
        assert 0.1 < most < 2000, cell.name
        assert all(0 <= leakage.nw < 1000 for leakage in cell.leakage), cell.name


def test_an_empty_stimulus_is_one_sentence() -> None:
    sentence = (
        "^a stimulus must hold at least one accumulation, not 0 beats in accumulations of 50$"
    )
    with pytest.raises(UserError, match=sentence):
        Uniform(beats=0)


STYLES = ("data-gated", "subword-st", "dnc-2d-st", "serial-1d", "serial-2d")


@pytest.fixture(scope="module")
def records(library: Technology) -> dict[tuple[str, str | None], Any]:
    jobs = [Job(name, make_spec(name), "core", Recipe.SPEED, False) for name in STYLES]
    found = measure(jobs, library, energy=EnergyPlan(Uniform(beats=1000)))
    with_energy = [record for record in found if record["energy_pj_per_mac"] is not None]
    assert len(with_energy) == 5 * len(STYLES)
    return {(record["unit"], record["mode"]): record for record in with_energy}


def test_parts_add_up(records: dict[tuple[str, str | None], Any]) -> None:
    for record in records.values():
        parts, total = record["energy_parts"], record["energy_pj_per_mac"]
        assert list(parts) == ["clock", "registers", "logic", "inputs", "glitches", "leakage"]
        assert all(value > 0 for value in parts.values())
        assert sum(parts.values()) == pytest.approx(total)
        assert record["energy_zero_delay_pj_per_mac"] == pytest.approx(total - parts["glitches"])
        assert record["stimulus"] == "uniform, 1000 beats, cleared every 50, seed 1"


def test_published_orderings(records: dict[tuple[str, str | None], Any]) -> None:
    """Camus et al., JETCAS 2019: what scaling costs at full precision and saves at the least."""
    full = {name: records[name, "8x8"]["energy_pj_per_mac"] for name in STYLES}
    least = {name: records[name, "2x2"]["energy_pj_per_mac"] for name in STYLES}
    base = full["data-gated"]
    assert full["subword-st"] > 0.95 * base and full["dnc-2d-st"] > 1.1 * base
    assert full["serial-1d"] > 2 * base and full["serial-2d"] > 8 * base
    assert max(least["subword-st"], least["dnc-2d-st"]) < 0.5 * least["data-gated"]


def test_energy_is_stable(library: Technology) -> None:
    job = Job("subword-st", make_spec("subword-st"), "core", Recipe.SPEED, False)
    replay = replay_of(job, library)
    for mode in (0, 4):
        first, seeded, doubled = (
            sum(replay.energies(stimulus, mode).values())
            for stimulus in (Uniform(), Uniform(seed=2), Uniform(beats=20_000))
        )
        assert seeded == pytest.approx(first, rel=0.03)
        assert doubled == pytest.approx(first, rel=0.02)


def test_a_network_takes_less_than_noise(library: Technology) -> None:
    """Its activations have zeros and its weights are small."""
    job = Job("data-gated", make_spec("data-gated"), "core", Recipe.SPEED, False)
    replay = replay_of(job, library)
    network, noise = (
        sum(replay.energies(stimulus, 0).values())
        for stimulus in (Network(beats=600), Uniform(beats=600))
    )
    assert 0.2 * noise < network < 0.9 * noise


def test_saif_has_all_nets_and_pins(library: Technology, tmp_path: Path) -> None:
    spec = make_spec("serial-1d")
    job = Job("serial-1d", spec, "core", Recipe.AREA, False)
    saif, verilog = write_saif(job, library, Uniform(beats=100), 4, tmp_path / "a.saif")
    text = saif.read_text()
    assert text.count("(") == text.count(")")
    replay = replay_of(job, library)
    assert text.count("(INSTANCE ") == 1 + len(replay.module.instances)
    assert verilog.read_text().count("module unit") == 1
    duration = int(re.search(r"DURATION (\d+)", text)[1])  # type: ignore[index]
    times = re.findall(r"\(T0 (\d+)\) \(T1 (\d+)\)", text)
    assert times and all(int(low) + int(high) == duration for low, high in times)
    assert re.search(r"\(Q \(T0 \d+\) \(T1 \d+\) \(TX 0\) \(TC [1-9]", text)
    names = {name.partition("[")[0] for name in replay.module.net_names.values()}
    assert all(name in verilog.read_text() for name in names)


def test_the_clock_period_moves_leakage_alone(library: Technology) -> None:
    job = Job("serial-1d", make_spec("serial-1d"), "core", Recipe.AREA, False)
    replay = replay_of(job, library)
    ((_, batch),) = Uniform(beats=200).parts("serial-1d", job.spec, 0)
    activity = replay.activity(batch)
    analysis = nldm_sta.analyse(replay.module, library)
    fast, slow = (
        EnergyModel(replay.timed, library, analysis, period).parts(activity) for period in (1, 2)
    )
    assert slow == pytest.approx({**fast, "leakage": 2 * fast["leakage"]})


def test_no_compiler_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    sentence = "^energy needs a C\\+\\+ compiler: install one, or name one in CXX$"
    with pytest.raises(UserError, match=sentence):
        check_compiler()
