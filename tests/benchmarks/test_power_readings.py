"""What OpenSTA reads otherwise, on netlists small enough to be worked out by hand."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from benchmarks.power.cell_view import cell_views
from benchmarks.power.comparison import PARTS, by_part
from benchmarks.power.left_out import left_out
from benchmarks.power.readings import Reading
from macsmith.energy.netlist_to_delays import to_timed
from macsmith.energy.power_model import EnergyModel
from macsmith.library.technology import Technology
from macsmith.netlist.event_driven import simulate
from macsmith.synthesis.mapped_netlist import Instance, Module
from macsmith.timing import nldm_sta
from tests.support.hand_library import hand_library

PERIOD = 1000.0

Readings = Sequence[Reading]


class AtWork:
    """A netlist at work: ``values`` of ports and of the outputs of flip-flops and clock gates, by
    net; of a clock whether it pulses. The first cycle does not count.
    """

    def __init__(self, tech: Technology, module: Module, values: Mapping[int, Sequence[int]]):
        self._tech = tech
        analysis = nldm_sta.analyse(module, tech)
        timed = to_timed(module, tech, analysis, PERIOD)
        nets = {timed.bits[bit]: value for bit, value in values.items()}
        # What is no net of the netlist is the state of its flip-flop, whose output is net 4.
        columns = [nets[net] if net in nets else values[4] for net in timed.gates.source_net]
        words = np.array(columns, np.uint64).T[:, :, np.newaxis]
        activity = simulate(timed.gates, words, lanes=1)
        beside = left_out(tech)
        self._views = list(cell_views(timed, activity, analysis, tech.library, beside))
        model = EnergyModel(timed, tech, analysis, PERIOD).table(activity).sum(axis=1)
        ports = [timed.bits[bit] for bits in module.inputs.values() for bit in bits]
        self.modelled = model.sum() - model[[len(self._views) + net for net in ports]].sum()

    def fj(self, *readings: Reading) -> dict[str, float]:
        """Return the energy of a mean cycle in fJ by part, nothing left out; leakage in nW."""
        voltage = self._tech.library.voltage
        pj = by_part(self._views, readings, voltage, PERIOD)
        if not readings:
            assert pj.sum() == pytest.approx(self.modelled)
        found = {part: 1e3 * one for part, one in zip(PARTS, pj.tolist(), strict=True) if one}
        return found | {
            part: one / PERIOD * 1e3 for part, one in found.items() if part == "leakage"
        }


@pytest.fixture(scope="module")
def tech(tmp_path_factory: pytest.TempPathFactory) -> Technology:
    return hand_library(tmp_path_factory.mktemp("hand"))


def gates(kind: str, tech: Technology, a: Sequence[int], b: Sequence[int]) -> AtWork:
    cells = (Instance("u", kind, {"A": 2, "B": 3, "Y": 5}),)
    module = Module({"a": (2,), "b": (3,)}, {"y": (5,)}, cells, {})
    return AtWork(tech, module, {2: a, 3: b})


def test_capacitances_and_rails(tech: Technology) -> None:
    """Two inverters in a row; the net between has 3 fF when it rises and 1 fF when it falls."""
    cells = (
        Instance("u0", "INV", {"A": 2, "Y": 3}),
        Instance("u1", "INV", {"A": 3, "Y": 5}),
    )
    module = Module({"a": (2,)}, {"y": (5,)}, cells, {})
    pair = AtWork(tech, module, {2: [0, 1, 0, 1, 0]})
    # 2 and 8 fF at 2 V; 3 and 5 fJ in turns, in each; 2 nW at 1 and 7 nW at 0.
    own = {"switching": 4 + 16, "combinational": 4 + 4, "leakage": 4.5 + 4.5}
    assert pair.fj() == pytest.approx(own)
    assert pair.fj(Reading.CAPACITANCE) == pytest.approx({**own, "switching": 6 + 16})
    # The ground pin has 4 and 4 fJ, the same of a rise and a fall together, and is not counted.
    assert pair.fj(Reading.RAILS) == pytest.approx({**own, "combinational": 16})


def test_causes_of_a_gate(tech: Technology) -> None:
    """``y`` falls by A, 20 fJ, and rises by B, 30 fJ; then A falls unseen, 1 fJ, and B rises."""
    nand = gates("NAND2", tech, [0, 1, 1, 0, 0], [1, 1, 0, 0, 1])
    assert nand.fj()["combinational"] == pytest.approx((20 + 30 + 1) / 4)
    # Both pins move twice and are 1 half of the time: a mean of 15 by A and of 40 by B.
    by_chance = 2 * (15 + 40) / 2 + 2 * 1 / 2
    assert nand.fj(Reading.CAUSES)["combinational"] == pytest.approx(by_chance / 4)


def test_conditions_of_a_gate(tech: Technology) -> None:
    """By A while B is 0, 10 and 20 fJ; by B, 70 fJ; by A while B is 1, 60 fJ."""
    xor = gates("XOR2", tech, [0, 1, 0, 0, 1], [0, 0, 0, 1, 1])
    assert xor.fj()["combinational"] == pytest.approx((10 + 20 + 70 + 60) / 4)
    # A moves 3 times with means of 15 and 50 fJ, which weigh alike; B once with 80 fJ.
    mean = (3 * 15 + 3 * 50 + 1 * 80) / 7
    assert xor.fj(Reading.CAUSES)["combinational"] == pytest.approx(mean)


def test_leakage_of_pins_that_go_together(tech: Technology) -> None:
    nand = gates("NAND2", tech, [0, 1, 0, 1, 0], [0, 1, 0, 1, 0])
    assert nand.fj()["leakage"] == pytest.approx((6 + 10) / 2)
    assert nand.fj(Reading.STATES)["leakage"] == pytest.approx((6 + 10) / 4 + 4 / 2)


def test_leakage_of_states_that_name_the_output(tech: Technology) -> None:
    """8 nW in the first of four cycles, where both are 1, and 2 nW in the others."""
    xor = gates("XOR2", tech, [0, 1, 0, 0, 1], [0, 1, 0, 1, 0])
    assert xor.fj()["leakage"] == pytest.approx((8 + 2 + 2 + 2) / 4)
    chance = 1 / 2 * 1 / 2 * 1 / 2
    assert xor.fj(Reading.STATES)["leakage"] == pytest.approx(chance * 8 + (1 - chance) * 2)
    # It states no leakage as a whole.
    readings = (Reading.STATES, Reading.GENERAL)
    assert xor.fj(*readings)["leakage"] == pytest.approx(chance * 8)
    nand = gates("NAND2", tech, [0, 1, 0, 1, 0], [0, 1, 0, 1, 0])
    assert nand.fj(*readings) == nand.fj(Reading.STATES)


def test_a_flip_flop(tech: Technology) -> None:
    """Q is 1 in the first two of four cycles; D falls in the second and rises in the fourth."""
    cells = (Instance("u", "DFF", {"D": 3, "CK": 2, "Q": 4}),)
    module = Module({"clk": (2,), "d": (3,)}, {"q": (4,)}, cells, {})
    values = {2: [1, 1, 1, 1, 1], 3: [1, 1, 0, 0, 1], 4: [0, 1, 1, 0, 0]}
    one = AtWork(tech, module, values)
    # The clock rises before Q moves and falls after it.
    clock = (6 + 12 + 12 + 6) + (20 + 20 + 10 + 10)
    outputs = (13 + 17) + (1 + 3)
    assert one.fj()["sequential"] == pytest.approx((clock + outputs + 8 + 2) / 4)
    # Of D the group without a condition counts while Q is 1 too.
    beside = clock + outputs + 8 + 2 + 2
    assert one.fj(Reading.BESIDE)["sequential"] == pytest.approx(beside / 4)
    # P(Q) P(!QN) is a quarter: half of what has such a condition.
    squared = clock / 2 + outputs + 8 / 2 + 2
    assert one.fj(Reading.COMPLEMENT)["sequential"] == pytest.approx(squared / 4)
    # Probabilities of Q alone are those of the states here.
    assert one.fj(Reading.STATES)["sequential"] == pytest.approx(squared / 4)


def test_states_of_a_flip_flop(tech: Technology) -> None:
    """Q is 1 a quarter of the time; D moves twice while Q is 0, at 2 fJ."""
    cells = (Instance("u", "DFF", {"D": 3, "CK": 2, "Q": 4}),)
    module = Module({"clk": (2,), "d": (3,)}, {"q": (4,)}, cells, {})
    values = {2: [1, 1, 1, 1, 1], 3: [1, 1, 1, 0, 1], 4: [0, 1, 0, 0, 0]}
    one = AtWork(tech, module, values)
    clock = (6 + 12 + 6 + 6) + (20 + 10 + 10 + 10)
    outputs = (13 + 17) + (1 + 3)
    assert one.fj()["sequential"] == pytest.approx((clock + outputs + 2 + 2) / 4)
    # Of each the square, as Q and QN go for two: of D 8 fJ, and 2 fJ for what is left.
    squared = 4 * (3 / 4 * 3 / 4 * (6 + 10) + 1 / 4 * 1 / 4 * (12 + 20))
    by_chance = squared + outputs + 2 * (8 * 1 / 4 * 1 / 4) + 2 + 2
    assert one.fj(Reading.STATES)["sequential"] == pytest.approx(by_chance / 4)


def test_a_clock_gate(tech: Technology) -> None:
    """Two pulses pass, and the enable falls during the second."""
    cells = (
        Instance("gate", "ICG", {"E": 3, "CK": 2, "GCK": 6}),
        Instance("u", "DFF", {"D": 4, "CK": 6, "QN": 4}),
    )
    module = Module({"clk": (2,), "e": (3,)}, {"q": (4,)}, cells, {})
    values = {2: [1, 1, 1, 1, 1], 3: [1, 1, 0, 0, 0], 4: [1, 0, 1, 1, 1], 6: [0, 1, 1, 0, 0]}
    one = AtWork(tech, module, values)
    # Two pulses that do not pass; two rises while enabled, a fall while enabled, one while not.
    joint = 2 * (2 + 4) + (2 * 30 + 10 + 8)
    assert one.fj()["clock gates"] == pytest.approx(joint / 4)
    # E is 1 a quarter of the time, and so is the gated clock; the clock moves twice a cycle.
    of_clock = 3 / 4 * 3 / 4 * (2 + 4) + 1 / 4 * 3 / 4 * (0 + 100)
    of_output = 1 / 4 * (30 + 10) / 2 + 3 / 4 * (0 + 8) / 2
    assert one.fj(Reading.CLOCK_GATE)["clock gates"] == pytest.approx(of_clock + of_output)
