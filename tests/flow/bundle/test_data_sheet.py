"""The data sheet of a bundle and its template: what they state is what the unit does."""

import json
from pathlib import Path

import pytest

from macsmith.bundle.data_sheet import data_sheet, instantiation
from macsmith.bundle.handshake_waves import Waves, waves
from macsmith.catalog.catalog import units
from tests.support.bundled import call, design
from tests.support.sample import every


def latency_shown(shown: Waves, beats: int) -> int:
    """Return the cycles from a packet's last transfer to its result, as the diagram has them."""
    rows = list(shown.signals.values())
    taken = [
        cycle for cycle, (v, r) in enumerate(zip(rows[1], rows[2], strict=True)) if v == r == "1"
    ]
    return rows[4].index("1") - taken[beats - 1]


def test_the_sheet_has_ports_payloads_and_points() -> None:
    unit = design("serial-1d")
    sheet = data_sheet(unit)
    text = sheet["serial_1d.md"]
    assert all(
        f"| `{port.name}` | {port.direction} | {port.width} |" in text for port in unit.ports
    )
    assert "| `i` | 8x2 | 9:8 | w: 2 bits, two's complement |" in text
    for point in unit.spec.points:
        row = [point, 1, unit.spec.cycles(point)]
        assert f"| {' | '.join(map(str, row))} | " in text
    shown = waves(unit)
    assert shown.text in text
    assert latency_shown(shown, 2) == unit.spec.latency(unit.spec.points[0])


def test_the_waves_are_those_of_wavedrom() -> None:
    shown = Waves({"valid": ["0", "1", "1"], "payload": ["", "beat 0", "beat 1"]})
    assert shown.text.splitlines() == [
        "cycle    0  1       2",
        "valid    0  1       1",
        "payload     beat 0  beat 1",
    ]
    _, valid, payload = json.loads(shown.wavedrom)["signal"]
    assert valid == {"name": "valid", "wave": "01."}
    assert payload == {"name": "payload", "wave": "x==", "data": ["beat 0", "beat 1"]}


@pytest.mark.slow
def test_every_diagram_shows_the_stated_latency(subtests: pytest.Subtests) -> None:
    for name in units():
        unit = design(name)
        if unit.gives_a_beat:
            with subtests.test(name):
                (layout,) = unit.spec.inputs(unit.spec.points[0]).values()
                shown = latency_shown(waves(unit), 2 if layout.packets else 1)
                assert shown == unit.spec.latency(unit.spec.points[0])


@pytest.mark.needs("icarus")
@pytest.mark.parametrize("boundary", every(2, ["unit", "core"]))
def test_the_template_is_an_instance(boundary: str, tmp_path: Path) -> None:
    unit = design("dnc-1d-sa", "act_width=4", "weight_width=4", boundary=boundary)
    ((_, text),) = instantiation(unit).items()
    (tmp_path / unit.source).write_text(unit.verilog)
    (tmp_path / "top.v").write_text(f"module top (input clk, input rst);\n{text}endmodule\n")
    done = call(
        tmp_path, "iverilog", "-g2005", "-Wall", "-s", "top", "-t", "null", unit.source, "top.v"
    )
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
