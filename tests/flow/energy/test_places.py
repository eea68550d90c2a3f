"""Where a unit spends its energy: told from the flat netlist, and from one that keeps its core."""

import re
from pathlib import Path

import numpy as np
import pytest

from macsmith.catalog.catalog import cut, make_spec
from macsmith.energy.attribution import PLACES, places
from macsmith.energy.power_model import EnergyModel
from macsmith.energy.unit_replay import Replay
from macsmith.host.yosys import run_yosys
from macsmith.jobs.design_job import design
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, measured, netlist_of
from macsmith.library import resolve
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.synthesis.mapped_netlist import Bit, MappedNetlist, Module, read_module
from macsmith.synthesis.yosys_abc import Recipe
from macsmith.timing import nldm_sta
from tests.support.cells import NANGATE
from tests.support.report_records import UNITS


@pytest.fixture(scope="module")
def library() -> Technology:
    return resolve.resolve(NANGATE)


def with_its_core(name: str, library: Technology, folder: Path) -> MappedNetlist:
    """Return a unit synthesised with its core and feeder apart, whose names are kept."""
    kept = r"attribute \\keep_hierarchy 1\n"
    text = design(name, make_spec(name), "unit")
    (folder / "unit.il").write_text(
        re.sub(r"^(?=module \\unit\.(core|feeder)$)", kept, text, flags=re.M)
    )
    liberty = f"-liberty {library.liberty[0]}"
    run_yosys(
        [
            "read_rtlil unit.il", "setattr -unset init w:*", "synth -flatten -top unit",
            f"dfflibmap {liberty}", f"abc {liberty}", "splitnets", "opt_clean",
            "rename -enumerate -pattern _%_", "setattr -mod -unset keep_hierarchy",
            "flatten", "delete t:$scopeinfo", "write_json flat.json", "write_verilog flat.v",
        ],
        folder, "synth",
    )  # fmt: skip
    return MappedNetlist("unit", 0.0, 0, 0, {}, folder / "flat.json", folder / "flat.v")


def operands_of(name: str, module: Module) -> set[Bit]:
    """Return the input bits of a unit's netlist that carry operands."""
    fields = cut(name, "unit").operands
    assert fields is not None
    bits = fields(make_spec(name))
    return {module.inputs[port][k] for port, places in bits.items() for k in places}


@pytest.mark.parametrize("name", ["dnc-1d-sa", "serial-1d", "serial-2d"])
def test_cells_of_the_core_are_told_apart(name: str, library: Technology, tmp_path: Path) -> None:
    module = read_module(with_its_core(name, library, tmp_path).json, "unit")
    cells = library.library.cells
    found = places(module, cells, operands_of(name, module)).instances
    wrong = {"register": 0, "gate": 0}
    for instance in module.instances:
        of_core = instance.name.startswith("core.")
        kind = "register" if cells[instance.cell].sequential else "gate"
        wrong[kind] += PLACES[int(np.argmax(found[instance.name]))] != "core" and of_core
        wrong[kind] += PLACES[int(np.argmax(found[instance.name]))] == "core" and not of_core
    assert wrong["register"] == 0
    # Gates of control bits within the core; the multiplexers of serial-2d's digits outside.
    assert wrong["gate"] < 0.05 * len(module.instances)


def test_energy_of_the_core_is_told_apart(library: Technology, tmp_path: Path) -> None:
    spec = make_spec("subword-st")
    replay = Replay(
        "subword-st", spec, with_its_core("subword-st", library, tmp_path), library, 1.0
    )
    analysis = nldm_sta.analyse(replay.module, library)
    model = EnergyModel(replay.timed, library, analysis, 1.0)
    where = places(replay.module, library.library.cells, operands_of("subword-st", replay.module))
    for mode in (0, 4):
        ((_, batch),) = Uniform(beats=500).parts("subword-st", spec, mode)
        activity = replay.activity(batch)
        rows = model.table(activity).sum(axis=1)
        own = [
            row
            for row, cell in enumerate(replay.timed.cells)
            if cell.instance.name.startswith("core.")
        ]
        bits = [
            replay.timed.bits[bit]
            for instance in replay.module.instances
            for pin, bit in instance.pins.items()
            if instance.name.startswith("core.") and isinstance(bit, int)
            if pin in library.library.cells[instance.cell].outputs
        ]
        by_name = rows[own].sum() + rows[[len(replay.timed.cells) + net for net in bits]].sum()
        (clock,) = replay.timed.clocks
        behind = [
            cell.instance.name.startswith("core.")
            for cell in replay.timed.cells
            if clock in cell.pin_nets
        ]
        by_name += rows[len(replay.timed.cells) + clock] * np.mean(behind)
        # Gates of control bits within the core are the difference.
        assert model.by_place(activity, where)["core"] == pytest.approx(by_name, rel=0.02)
        assert by_name < 0.9 * rows.sum()


def test_places_add_up(library: Technology) -> None:
    job = Job("serial-1d", make_spec("serial-1d"), "unit", Recipe.SPEED, False)
    core = Job("serial-1d", make_spec("serial-1d"), "core", Recipe.SPEED, False)
    plan = EnergyPlan(Uniform(beats=500), boundaries=("core", "unit"), netlists="all")
    for record in measure([job, core], library, energy=plan):
        by_place, total = record["energy_places"], record["energy_pj_per_mac"]
        if record["boundary"] == "core":
            assert by_place == {}
        else:
            assert list(by_place) == list(PLACES) and all(pj > 0 for pj in by_place.values())
            assert sum(by_place.values()) == pytest.approx(total)


@pytest.mark.parametrize("name", [*UNITS, "serial-2d"])
def test_every_operand_bit_is_held_once(name: str, library: Technology, tmp_path: Path) -> None:
    """The wrapper's registers are the operand registers, and the core has no other operand."""
    spec = make_spec(name)
    module = netlist_of(Job(name, spec, "unit", Recipe.AREA, False), library, tmp_path).module()
    cells = library.library.cells
    found = places(module, cells, operands_of(name, module)).instances
    registers = [i for i in module.instances if cells[i.cell].sequential]
    registers = [i for i in registers if not cells[i.cell].clock_gate]
    count = dict.fromkeys(PLACES, 0)
    for instance in registers:
        count[PLACES[int(np.argmax(found[instance.name]))]] += 1
    mode = spec.modes[0]
    assert count["wrapper"] == len(spec.act_source(mode)) + len(spec.weight_source(mode))
    core = Job(name, spec, "core", Recipe.AREA, False)
    assert count["core"] == measured(core, library)["flip_flops"]
