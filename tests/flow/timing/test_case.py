"""Case analysis: what can still change where ports are constant, and the period that is left."""

from pathlib import Path

import pytest

from macsmith.catalog.catalog import build, make_spec
from macsmith.library.technology import Technology
from macsmith.mac.mode_constants import static_ports
from macsmith.rtl.emit import to_rtlil
from macsmith.synthesis.mapped_netlist import Instance, Module
from macsmith.synthesis.yosys_abc import Recipe, synthesise
from macsmith.timing import case_analysis, nldm_sta
from macsmith.timing.timing import minimum_periods

# y = !(!(a b) c) and a flip-flop that holds what it has while en is 0.
GATES = Module(
    {"a": (2,), "b": (3,), "c": (4,), "en": (5,), "clk": (6,)},
    {"y": (8,), "q": (9,)},
    (
        Instance("u0", "NAND2_X1", {"A": 2, "B": 3, "Y": 7}),
        Instance("u1", "NAND2_X1", {"A": 7, "B": 4, "Y": 8}),
        Instance("u2", "NAND2_X1", {"A": 8, "B": 5, "Y": 10}),
        Instance("u3", "INV_X1", {"A": 5, "Y": 11}),
        Instance("u4", "NAND2_X1", {"A": 9, "B": 11, "Y": 12}),
        Instance("u5", "NAND2_X1", {"A": 10, "B": 12, "Y": 13}),
        Instance("u6", "DFF_X1", {"D": 13, "CK": 6, "Q": 9}),
    ),
    {},
)


@pytest.mark.parametrize(
    ("constants", "still", "quiet"),
    [
        ({}, set(), ()),
        ({"a": (0,)}, {7}, ()),
        ({"a": (1,)}, set(), ()),
        ({"c": (0,)}, {8}, ()),
        ({"en": (0,)}, {9, 10, 11, 12, 13}, ("u6",)),
        ({"en": (1,)}, {11, 12}, ()),
    ],
)
def test_what_moves(
    generic: Technology, constants: case_analysis.Constants, still: set[int], quiet: tuple[str, ...]
) -> None:
    found = case_analysis.analyse(GATES, generic.library.cells, constants)
    given = {GATES.inputs[port][0] for port in constants}
    assert set(range(2, 14)) - found.moving == still | given | {6} - found.moving
    assert found.quiet == quiet


def test_known_values_and_paths(generic: Technology) -> None:
    found = case_analysis.analyse(GATES, generic.library.cells, {"a": (0,)})
    assert found.known[7] == 1 and 8 not in found.known
    first, second = GATES.instances[:2]
    assert not found.passes(first, "B", "Y")
    assert found.passes(second, "B", "Y") and not found.passes(second, "A", "Y")


def test_a_shorter_path_is_left(generic: Technology) -> None:
    cells = generic.library.cells
    needed = [
        nldm_sta.analyse(
            GATES, generic, case_analysis.analyse(GATES, cells, constants)
        ).needed_ns.max(initial=0)
        for constants in ({}, {"en": (0,)}, {"c": (0,), "en": (0,)})
    ]
    assert needed[0] > needed[1] > needed[2] == 0
    assert needed[0] == nldm_sta.analyse(GATES, generic).needed_ns.max()


@pytest.mark.parametrize("name", ["dnc-2d-st", "dnc-1d-sa", "serial-2d"])
def test_periods_of_modes(name: str, technology: Technology, tmp_path: Path) -> None:
    """OpenSTA and the project's own analysis agree, mode by mode."""
    spec = make_spec(name, {"act_width": 4, "weight_width": 4})
    text = to_rtlil(build(name, spec, "core"), "core")
    gates = technology.clock_gate is not None
    netlist = synthesise(text, "core", technology, Recipe.AREA, tmp_path, clock_gates=gates)
    module = netlist.module()
    widths = {port: len(bits) for port, bits in module.inputs.items()}
    cases = [static_ports(spec, mode, widths) for mode in spec.modes]
    periods = [timing.period_ns for timing in minimum_periods(netlist, technology, cases)]
    assert len(periods) == 1 + len(spec.modes)
    assert all(0 < period <= periods[0] for period in periods)
    for constants, period in zip(cases, periods[1:], strict=True):
        found = case_analysis.analyse(module, technology.library.cells, constants)
        own = nldm_sta.analyse(module, technology, found).needed_ns.max()
        # OpenSTA keeps paths that constants block in some gates of ASAP7.
        assert (0.85 if technology.name == "asap7" else 0.97) * period < own < 1.04 * period
