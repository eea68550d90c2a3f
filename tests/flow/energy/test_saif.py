"""The SAIF file, read back by a grammar of the format, against the netlist that slang reads."""

import re
from pathlib import Path

import pyslang
import pytest
from lark import UnexpectedInput

from macsmith.catalog.catalog import make_spec
from macsmith.jobs.energy_job import replay_of, write_saif
from macsmith.jobs.netlist_job import Job, measured
from macsmith.library import resolve
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.synthesis.yosys_abc import Recipe
from tests.support.cells import NANGATE
from tests.support.saif_reader import read_saif

STIMULUS = Uniform(beats=60, length=3)


@pytest.fixture(scope="module")
def library() -> Technology:
    return resolve.resolve(NANGATE)


def verilog_names(path: Path) -> tuple[set[str], dict[str, set[str]]]:
    """Return the nets of a flat netlist, bit by bit, and the connected pins of each instance."""
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
                connection.name.valueText
                for connection in instance.connections
                if hasattr(connection, "name") and str(connection.expr or "").strip()
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
    # Nets that nothing drives or reads are in no simulation.
    used = {name for bit, name in replay.module.net_names.items() if bit in replay.timed.bits}
    assert set(top.nets) == named & used and len(named - used) < 0.1 * len(named)
    assert set(top.inside) == set(pins)
    moving = 0
    for instance in replay.module.instances:
        found = top.inside[instance.name].nets
        bits = {pin: bit for pin, bit in instance.pins.items() if isinstance(bit, int)}
        assert set(found) == set(bits) == pins[instance.name] & set(bits)
        for pin, bit in bits.items():
            assert found[pin]["TC"] == activity.toggles[replay.timed.bits[bit]]
            moving += found[pin]["TC"] > 0
    assert moving > 500
    for net, name in replay.module.net_names.items():
        if name in top.nets:
            assert top.nets[name]["TC"] == activity.toggles[replay.timed.bits[net]]


def test_the_reader_does_refuse() -> None:
    text = '(SAIFILE (SAIFVERSION "2.0") (DURATION 9) (INSTANCE u (NET (NAME (T0 9) (TC 0)))))'
    assert read_saif(text.replace("NAME", r"a\[0\]"))[1].nets == {"a[0]": {"T0": 9, "TC": 0}}
    for wrong in ("a[0]", r"\$a", "a b", "0a"):
        with pytest.raises(UnexpectedInput):
            read_saif(text.replace("NAME", wrong))
    with pytest.raises(UnexpectedInput):
        read_saif(text[:-1])
