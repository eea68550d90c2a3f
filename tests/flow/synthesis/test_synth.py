"""Synthesis on real cell libraries: what comes out is library cells that do what was asked."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from macsmith.catalog.catalog import build, make_spec
from macsmith.contract.errors import UserError
from macsmith.library import boolean, generic_liberty, resolve
from macsmith.library.technology import Technology
from macsmith.rtl.emit import to_rtlil
from macsmith.synthesis.mapped_netlist import Bit, Netlist
from macsmith.synthesis.yosys_abc import Recipe, UnmappedError, synthesise
from tests.support.designs import CountOnes, MultiplyAccumulate, RippleAdder

MAC = to_rtlil(MultiplyAccumulate(), "top")
ADDER = to_rtlil(RippleAdder(), "top")


def test_every_cell_is_counted(technology: Technology, tmp_path: Path) -> None:
    netlist = synthesise(MAC, "top", technology, Recipe.SPEED, tmp_path)
    cells = technology.library.cells
    # 16 bits of product, 24 of accumulator, however enable and reset were built.
    assert netlist.flip_flops == 40
    assert netlist.cells == sum(netlist.histogram.values()) > 300
    area = sum(cells[cell].area * count for cell, count in netlist.histogram.items())
    assert netlist.area_um2 == pytest.approx(area)
    assert 500 < netlist.area_um2 / technology.nand2_area < 3000


def test_recipes_trade_area_for_speed(generic: Technology, tmp_path: Path) -> None:
    areas = {
        recipe: synthesise(MAC, "top", generic, recipe, tmp_path / recipe).area_um2
        for recipe in Recipe
    }
    assert areas[Recipe.AREA] < areas[Recipe.BALANCED] < areas[Recipe.SPEED]


@pytest.mark.parametrize("leaf_cells", [True, False])
def test_leaf_modules_add(technology: Technology, tmp_path: Path, leaf_cells: bool) -> None:
    netlist = synthesise(ADDER, "top", technology, Recipe.SPEED, tmp_path, leaf_cells=leaf_cells)
    for adder, count in ((technology.full_adder, 7), (technology.half_adder, 1)):
        if adder:
            assert netlist.histogram.get(adder.cell, 0) == (count if leaf_cells else 0)
    for a, b in ((0, 0), (255, 1), (170, 85), (200, 100), (255, 255)):
        assert evaluate(netlist, technology, {"a": a, "b": b}, "s") == a + b


def evaluate(
    netlist: Netlist, technology: Technology, inputs: Mapping[str, int], output: str
) -> int:
    """Return an output of a combinational netlist, by the functions of the library's cells."""
    module, cells = netlist.module(), technology.library.cells
    values: dict[Bit, int] = {"0": 0, "1": 1}
    for name, value in inputs.items():
        values |= {bit: value >> k & 1 for k, bit in enumerate(module.inputs[name])}
    waiting = list(module.instances)
    while waiting:
        ready = [i for i in waiting if {i.pins[p] for p in cells[i.cell].inputs} <= set(values)]
        assert ready, f"{waiting[0]} waits for a net that nothing drives"
        for instance in ready:
            cell = cells[instance.cell]
            known = {pin: values[instance.pins[pin]] for pin in cell.inputs}
            for pin in set(cell.outputs) & set(instance.pins):
                function = cell.pins[pin].function or ""
                values[instance.pins[pin]] = boolean.evaluate(function, known, 1)
        waiting = [instance for instance in waiting if instance not in ready]
    return sum(values[bit] << k for k, bit in enumerate(module.outputs[output]))


def test_clock_gates_replace_multiplexers(technology: Technology, tmp_path: Path) -> None:
    enables, gated = (
        synthesise(MAC, "top", technology, Recipe.AREA, tmp_path / str(on), clock_gates=on)
        for on in (False, True)
    )
    assert technology.clock_gate
    # Product and accumulator share one enable; the gate is no flip-flop.
    assert gated.histogram[technology.clock_gate.cell] == 1
    assert gated.flip_flops == enables.flip_flops == 40
    assert gated.area_um2 < enables.area_um2


def test_a_compressor_of_five_bits_is_two_full_adders(
    technology: Technology, tmp_path: Path
) -> None:
    text = to_rtlil(CountOnes(), "top")
    assert text.count("cell \\macsmith_c42 ") == 1
    for cells in (False, True):
        netlist = synthesise(text, "top", technology, Recipe.AREA, tmp_path, leaf_cells=cells)
        if technology.full_adder:
            assert netlist.histogram.get(technology.full_adder.cell, 0) == (2 if cells else 0)
        for bits in range(32):
            ones = evaluate(netlist, technology, {"bits": bits}, "ones")
            assert ones == bits.bit_count()


def test_clock_gate_cells_are_the_librarys(technology: Technology, tmp_path: Path) -> None:
    spec = make_spec("subword-sa", {"clock_gating": "cell"})
    text = to_rtlil(build("subword-sa", spec, "core"), "top")
    netlist = synthesise(text, "top", technology, Recipe.AREA, tmp_path)
    assert technology.clock_gate
    gates = len(spec.product_groups) + len(spec.acc_groups)
    assert netlist.histogram[technology.clock_gate.cell] == gates


def test_clock_gate_cells_need_a_library_that_has_one(generic: Technology, tmp_path: Path) -> None:
    spec = make_spec("subword-sa", {"clock_gating": "cell"})
    text = to_rtlil(build("subword-sa", spec, "core"), "top")
    without = dataclasses.replace(generic, clock_gate=None)
    rule = r"^clock_gating=cell needs a library with a clock gate, which generic has not; "
    with pytest.raises(UserError, match=rule):
        synthesise(text, "top", without, Recipe.AREA, tmp_path)


def test_a_library_without_clock_gate(generic: Technology, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"^clock_gates must be False on generic: it has no clock gate$"
    ):
        synthesise(
            MAC,
            "top",
            dataclasses.replace(generic, clock_gate=None),
            Recipe.AREA,
            tmp_path,
            clock_gates=True,
        )


def test_a_cell_out_of_the_library_is_an_error(generic: Technology, tmp_path: Path) -> None:
    rtlil = ADDER.replace("cell \\macsmith_ha", "cell \\alien") + (
        "attribute \\blackbox 1\nmodule \\alien\n"
        "  wire input 1 \\a\n  wire input 2 \\b\n"
        "  wire output 3 \\s\n  wire output 4 \\co\nend\n"
    )
    with pytest.raises(
        UnmappedError, match=r"^netlist of top must hold cells of generic only, not \['alien'\]$"
    ):
        synthesise(rtlil, "top", generic, Recipe.AREA, tmp_path)


def test_white_space_in_paths(tmp_path: Path) -> None:
    path = tmp_path / "my library.lib"
    path.write_text(generic_liberty.render())
    spaced = resolve.resolve(str(path))
    netlist = synthesise(ADDER, "top", spaced, Recipe.AREA, tmp_path / "a folder")
    assert netlist.cells


def test_the_same_input_gives_the_same_netlist(generic: Technology, tmp_path: Path) -> None:
    first, second = (
        synthesise(MAC, "top", generic, Recipe.SPEED, tmp_path / name) for name in "ab"
    )
    assert first.json.read_bytes() == second.json.read_bytes()
    assert first.verilog.read_bytes() == second.verilog.read_bytes()
