"""The data sheet of a bundle and its template: what they state is what the unit does."""

import json
from pathlib import Path

import numpy as np
import pytest

from macsmith.bundle.data_sheet import data_sheet, instantiation, waves_file
from macsmith.bundle.diagrams.recording import WAITS, diagrams
from macsmith.bundle.diagrams.wave_table import Waves
from macsmith.bundle.shipped_design import Design
from macsmith.catalog.catalog import units
from macsmith.matmul.array_gemm import Gemm
from tests.support.bundled import call, design
from tests.support.sample import every


def waves(of: Design) -> Waves:
    """Return the waves of a design that has one diagram."""
    ((_, shown),) = diagrams(of)
    return shown


def transfers(
    shown: Waves, stream: str, *, ports: tuple[str, str] = ("__valid", "__ready")
) -> list[int]:
    """Return the cycles in which beats of a stream pass."""
    valid, ready = (shown.signals[f"{stream}{port}"] for port in ports)
    return [
        cycle for cycle, both in enumerate(zip(valid, ready, strict=True)) if both == ("1", "1")
    ]


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


def test_long_stretches_are_left_out() -> None:
    beats = [f"beat {number}" for number in range(20)]
    shown = Waves({"valid": ["1"] * 20 + ["0"], "payload": [*beats, ""]})
    assert shown.text.splitlines() == [
        "cycle    0       1       ...  19       20",
        "valid    1       1       ...  1        0",
        "payload  beat 0  beat 1  ...  beat 19",
    ]
    clock, valid, payload = json.loads(shown.wavedrom)["signal"]
    assert (clock["wave"], valid["wave"], payload["wave"]) == ("p.|..", "1.|.0", "==|=x")
    assert payload["data"] == ["beat 0", "beat 1", "beat 19"]


@pytest.mark.parametrize("dataflow", every(1, ["output", "weight"]))
def test_an_array_takes_the_cycles_of_the_formula(dataflow: str) -> None:
    unit = design("systolic", "rows=2", "cols=2", "depth=8", f"dataflow={dataflow}")
    ((scene, shown),) = diagrams(unit)
    assert f"{scene.title}, from a simulation" in data_sheet(unit)[f"{unit.module}.md"]
    for stream, sent in scene.sent.items():
        assert len(transfers(shown, stream)) == len(sent)
    results = transfers(shown, "o")
    assert len(results) == scene.results
    product = Gemm.random(unit.spec, (2, 4, 3), np.random.default_rng(1))
    # The first result waits for its receiver, which may cost as many cycles.
    assert 0 <= results[-1] + 1 - product.cycles() <= WAITS


def test_of_the_engine_registers_and_a_job() -> None:
    unit = design("systolic-engine", "rows=2", "cols=2", "out_lanes=2")
    (_, registers), (scene, job) = diagrams(unit)
    found = {name.removeprefix("s_axil_"): row for name, row in registers.signals.items()}
    assert [one for one in found["bresp"] if one] == ["OKAY", "SLVERR"]
    assert [one for one in found["rdata"] if one] == ["2", "0", "0"]
    assert [one for one in found["rresp"] if one] == ["OKAY", "OKAY", "SLVERR"]
    written = [one for one in job.signals["s_axil_awaddr"] if one]
    assert written == ["FLAGS", "M", "K", "N", "PASSES", "CONTROL"]
    ports = "_tvalid", "_tready"
    for stream, sent in scene.sent.items():
        assert len(transfers(job, stream, ports=ports)) == len(sent)
    assert len(transfers(job, "m_axis_result", ports=ports)) == scene.results == 8 // 2
    assert waves_file(unit, scene.name) == f"{unit.module}_waves_job.json"


@pytest.mark.slow
def test_every_unit_has_a_diagram_up_to_its_last_result(subtests: pytest.Subtests) -> None:
    for name, entry in units().items():
        if not entry.layers:
            with subtests.test(name):
                ((scene, shown),) = diagrams(design(name))
                assert len(transfers(shown, "o")) == scene.results


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
