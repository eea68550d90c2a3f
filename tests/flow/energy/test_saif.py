"""The SAIF file, read back by a grammar of the format, against the netlist that slang reads."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyslang
import pytest
from lark import UnexpectedInput

from macsmith.catalog.catalog import make_spec
from macsmith.jobs.energy_job import replay_of, write_saif
from macsmith.jobs.netlist_job import Job, measured
from macsmith.library import liberty_parser, resolve
from macsmith.library.cell_library import Cell
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.synthesis.mapped_netlist import Bit
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.cells import NANGATE
from tests.support.saif_reader import read_saif

STIMULUS = Uniform(beats=60, length=3)


@pytest.fixture(scope="module")
def library() -> Technology:
    return resolve.resolve(NANGATE)


def verilog_names(path: Path) -> tuple[set[str], dict[str, dict[str, str]]]:
    """Return the nets of a flat netlist, bit by bit, and what is on the pins of each instance."""
    nets, pins = set(), {}
    tree = pyslang.syntax.SyntaxTree.fromFile(str(path))  # which owns all that is in it
    (module,) = tree.root.members
    for member in module.members:
        if member.kind == pyslang.syntax.SyntaxKind.NetDeclaration:
            bounds = re.findall(r"\[(\d+):(\d+)\]", str(member.type))
            for declared in member.declarators:
                if hasattr(declared, "name"):
                    name = declared.name.valueText
                    bits = range(int(bounds[0][0]) + 1) if bounds else ()
                    nets |= {f"{name}[{bit}]" for bit in bits} or {name}
        if member.kind == pyslang.syntax.SyntaxKind.HierarchyInstantiation:
            (instance,) = [one for one in member.instances if hasattr(one, "decl")]
            pins[instance.decl.name.valueText] = {
                connection.name.valueText: str(connection.expr or "").strip()
                for connection in instance.connections
                if hasattr(connection, "name")
            }
    return nets, pins


# At the unit boundary names are hierarchical and have brackets, and clock gates stop.
@pytest.mark.parametrize(("boundary", "mode"), [("core", 0), ("unit", 4)])
def test_every_net_and_pin(boundary: str, mode: int, library: Technology, tmp_path: Path) -> None:
    spec = make_spec("serial-1d")
    job = Job("serial-1d", spec, boundary, Recipe.AREA, True)
    saif, verilog = write_saif(job, library, STIMULUS, mode, tmp_path / "a.saif")
    header, top = read_saif(saif.read_text())
    replay = replay_of(job, library)
    ((_, batch),) = STIMULUS.parts("serial-1d", spec, mode)
    activity = replay.activity(batch)

    period_ps = round(measured(job, library)["period"] * 1e3)
    assert header == {"timescale": (1, "ps"), "duration": activity.cycles * period_ps}
    scopes = [top, *top.inside.values()]
    for scope in scopes:
        for states in scope.nets.values():
            assert list(states) == ["T0", "T1", "TX", "TC", "IG"]
            assert states["T0"] + states["T1"] + states["TX"] == header["duration"]
            assert min(states.values()) >= 0 and states["IG"] == 0

    nets, pins = verilog_names(verilog)
    assert top.name == "unit" and not any(scope.inside for scope in top.inside.values())
    named = {name for name in nets if not name.startswith("$")}
    assert len(named) > 100 and len(nets - named) < 4
    # Nets that nothing drives or reads are in no simulation; a port that is tied is none of them.
    used = {name for bit, name in replay.module.net_names.items() if bit in replay.timed.bits}
    ports = set(_bits(replay.module.inputs)) | set(_bits(replay.module.outputs))
    assert set(top.nets) == named & (used | ports) and len(named - used) < 0.1 * len(named)
    assert set(top.inside) == set(pins)
    moving = 0
    for instance in replay.module.instances:
        found = top.inside[instance.name].nets
        bits = {pin: bit for pin, bit in instance.pins.items() if isinstance(bit, int)}
        assert set(bits) <= set(pins[instance.name])
        for pin, bit in bits.items():
            assert found[pin]["TC"] == activity.toggles[replay.timed.bits[bit]]
            moving += found[pin]["TC"] > 0
    assert moving > 500
    for net, name in replay.module.net_names.items():
        if name in top.nets:
            assert top.nets[name]["TC"] == activity.toggles[replay.timed.bits[net]]


def test_every_pin_of_every_instance(technology: Technology, tmp_path: Path) -> None:
    """Tied and open ones too, by the pins of the Liberty file and by what the Verilog ties."""
    pins_of = {
        cell.name: {
            name
            for pin in cell.select("pin")
            if pin.attributes.get("direction") != "internal"
            for name in pin.names
        }
        for path in technology.liberty
        for cell in liberty_parser.read(path).select("cell")
    }
    job = Job("serial-1d", make_spec("serial-1d"), "core", Recipe.AREA, True)
    saif, verilog = write_saif(job, technology, STIMULUS, 4, tmp_path / "a.saif")
    header, top = read_saif(saif.read_text())
    module = replay_of(job, technology).module
    _, pins = verilog_names(verilog)
    tied = 0
    for instance in module.instances:
        found = top.inside[instance.name].nets
        assert set(found) == pins_of[instance.cell]
        for pin, value in pins[instance.name].items():
            if re.fullmatch(r"1'[bh][01]", value):
                high = header["duration"] * int(value[-1])
                assert (found[pin]["T1"], found[pin]["TC"]) == (high, 0)
                tied += 1
        _check_complements(technology.library.cells[instance.cell], found)
    assert {*_bits(module.inputs), *_bits(module.outputs)} <= set(top.nets)
    # A reset is not used, so libraries whose flip-flops all have one tie it.
    assert tied or not technology.name.startswith("ihp")


def _check_complements(cell: Cell, found: dict[str, dict[str, int]]) -> None:
    """Both outputs of a flip-flop toggle together, connected or not."""
    outputs = {cell.pins[pin].function: found[pin] for pin in cell.outputs}
    if cell.sequential == "ff" and set(outputs) == set(cell.states):
        state, complement = (outputs[name] for name in cell.states)
        assert state["TC"] == complement["TC"] and state["T1"] == complement["T0"]


def _bits(ports: Mapping[str, tuple[Bit, ...]]) -> Iterator[str]:
    for name, bits in ports.items():
        yield from [f"{name}[{place}]" for place in range(len(bits))] if len(bits) > 1 else [name]


def test_the_reader_does_refuse() -> None:
    text = '(SAIFILE (SAIFVERSION "2.0") (DURATION 9) (INSTANCE u (NET (NAME (T0 9) (TC 0)))))'
    assert read_saif(text.replace("NAME", r"a\[0\]"))[1].nets == {"a[0]": {"T0": 9, "TC": 0}}
    for wrong in ("a[0]", r"\$a", "a b", "0a"):
        with pytest.raises(UnexpectedInput):
            read_saif(text.replace("NAME", wrong))
    with pytest.raises(UnexpectedInput):
        read_saif(text[:-1])
