"""Streams on AXI4-Stream: names of ports, places of fields, and what the header says of them."""

from typing import Any

import pytest
from amaranth.sim import Simulator

from macsmith.catalog.catalog import build, cut, make_spec, units
from macsmith.catalog.verilog import generate
from macsmith.contract.axi_stream import AXI_STREAM, AxiPorts, beat_of
from macsmith.contract.errors import UserError
from macsmith.contract.stream import Field, Layout
from tests.support.command import run
from tests.support.own_family import installed

PORTS = AxiPorts()


def test_each_field_begins_at_a_byte() -> None:
    spec = make_spec("data-gated")
    (layout,) = PORTS.layouts(spec.inputs(spec.points[3]), inward=True).values()
    places = [(one.name, one.offset, one.bits, one.lanes) for one in layout.fields]
    assert places == [("a", 0, 4, 1), ("w", 8, 4, 1), ("mode", 16, 3, 1)]
    assert (layout.width, layout.packets) == (24, False)
    (lines,) = PORTS.lines(spec.inputs(spec.points[0]), inward=True)
    assert lines.payload == (("s_axis_tdata", 24), ("s_axis_tlast", 1))
    assert (lines.valid, lines.ready) == ("s_axis_tvalid", "s_axis_tready")


def test_beats_on_the_wires() -> None:
    spec = make_spec("data-gated")
    sent, given = spec.inputs(spec.points[0])["i"], spec.outputs(spec.points[0])["o"]
    payload = 1 << 19 | 0b101 << 16 | 0xFD << 8 | 0x07
    assert PORTS.on_wires(sent, payload, inward=True) == 1 << 24 | 0b101 << 16 | 0xFD07
    assert PORTS.on_wires(given, (1 << 20) - 21, inward=False) == (1 << 24) - 21
    assert PORTS.on_wires(given, 21, inward=False) == 21


def test_what_no_single_number_has_is_filled_up_with_zeros() -> None:
    fields = (Field("pair", 0, 3, 2, signed=True), Field("one", 6, 3, signed=True),
              Field("flag", 9, 1))  # fmt: skip
    layout = Layout(10, fields)
    assert [(part.at, part.end) for part in beat_of(layout).parts] == [(0, 8), (8, 16), (16, 24)]
    assert PORTS.on_wires(layout, 0x3FF, inward=False) == 1 << 16 | 0xFF << 8 | 0x3F
    (found,) = PORTS.layouts({"o": layout}, inward=False).values()
    assert [field.top for field in found.fields] == [None, 16, None]


def test_streams_of_an_array_keep_their_names() -> None:
    spec = make_spec("systolic", {"dataflow": "weight", "rows": 2, "cols": 2})
    found = PORTS.lines(spec.inputs(spec.points[0]), inward=True)
    assert [one.payload for one in found] == [
        (("s_axis_a_tdata", 32), ("s_axis_a_tlast", 1)),
        (("s_axis_w_tdata", 16),),
    ]
    (sums,) = PORTS.lines(spec.outputs(spec.points[0]), inward=False)
    assert sums.payload == (("m_axis_tdata", 64), ("m_axis_tlast", 1))


def test_the_header_says_where_the_fields_lie() -> None:
    spec = make_spec("dap", {"block": 4, "nonzeros": 2, "form": "index"})
    lines = generate("dap", spec, AXI_STREAM).splitlines()
    found = [line.removeprefix("// ") for line in lines if "_axis_" in line[:12]]
    assert found == [
        "s_axis_tdata[31:0] values: 4 x 8 bits unsigned",
        "s_axis_tdata[33:32] keep (bits up to 39 are ignored): the index of the point",
        "m_axis_tdata[31:0] values: 4 x 8 bits unsigned",
        "m_axis_tdata[39:32] places: 4 x 2 bits unsigned",
        "m_axis_tdata[42:40] kept (bits up to 47 are zero): 3 bits unsigned",
        "m_axis_tdata[48] lossy (bits up to 55 are zero): 1 bits unsigned",
    ]


def test_every_unit_has_it_that_does_not_speak_axi() -> None:
    without = [name for name, unit in units().items() if AXI_STREAM not in unit.cuts]
    assert without == ["systolic-engine"]
    with pytest.raises(UserError) as told:
        cut("systolic-engine", AXI_STREAM)
    assert str(told.value) == (
        "boundary of systolic-engine must be unit or logic, not 'axi-stream': "
        "its streams are AXI4-Stream already"
    )


def test_in_amaranths_simulator() -> None:
    unit: Any = build("data-gated", make_spec("data-gated"), AXI_STREAM)
    found: list[int] = []

    async def bench(context: Any) -> None:
        context.set(unit.m_axis_tready, 1)
        context.set(unit.s_axis_tvalid, 1)
        context.set(unit.s_axis_tlast, 1)
        context.set(unit.s_axis_tdata, (256 - 3) << 8 | 7)
        *_, sum_ = await context.tick().sample(unit.m_axis_tdata).until(unit.m_axis_tvalid)
        found.append(sum_)

    simulator = Simulator(unit)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert found == [(1 << 24) - 21]


def test_a_family_of_ones_own_has_it(tmp_path: Any) -> None:
    done = run(
        "generate", "popcount", "--boundary", AXI_STREAM,
        PYTHONPATH=installed(tmp_path)["PYTHONPATH"],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "// m_axis_tdata[3:0] count (bits up to 7 are zero): 4 bits unsigned" in done.stdout
