"""Specification and schedule of the systolic engine."""

from typing import Any

import pytest
from amaranth.lib.wiring import In

from macsmith.array.engine.axi_shell import Engine
from macsmith.array.engine.register_map import COUNTERS, Error, Register, counter_address
from macsmith.array.engine.spec import EngineSpec
from macsmith.array.engine.tile_schedule import Schedule
from macsmith.contract.errors import UserError
from macsmith.rtl.emit import to_verilog
from tests.support.checkout import ROOT


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"act_depth": 3}, "act_depth must be from 4 to 65536, not 3; the nearest is 4"),
        ({"weight_depth": 65537}, "weight_depth must be from 4 to 65536, not 65537; the nearest is 65536"),
        ({"channel_depth": 1.5}, "channel_depth must be a whole number from 4 to 65536, not 1.5"),
        ({"out_width": 17}, "out_width must be from 2 to 16, not 17; the nearest is 16"),
        (
            {"rows": 2, "out_lanes": 3},
            "out_lanes must be at most rows * a = 2, the results of a column, not 3; the nearest is 2",
        ),
        ({"rows": 0}, "rows must be from 1 to 256, not 0; the nearest is 1"),
    ],
)  # fmt: skip
def test_illegal_parameter(parameters: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError) as error:
        EngineSpec(**parameters)
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("job", "sentence"),
    [
        ({"m": 0}, "m must be from 1 to 16777215, not 0"),
        ({"n": 1 << 24}, "n must be from 1 to 16777215, not 16777216"),
        ({"mode": 1}, "mode must be 0, not 1; the nearest is 0"),
        ({"k": 2000, "keep": True}, "weight_depth must be at least 2000 to keep the weights, not 1024"),
        (
            {"n": 300, "k": 2, "keep": True},
            "channel_depth must be at least 300 to keep the channels, not 256",
        ),
    ],
)  # fmt: skip
def test_illegal_job(job: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as error:
        Schedule(spec=EngineSpec(), **({"m": 8, "k": 8, "n": 8} | job))
    assert str(error.value) == sentence


def test_what_is_held_and_sent_again() -> None:
    spec = EngineSpec(act_depth=16, weight_depth=64, channel_depth=16, b=2)
    fits = Schedule(spec=spec, m=24, k=31, n=16)
    assert (fits.steps, fits.row_tiles, fits.col_tiles) == (16, 3, 2)
    assert (fits.act_repeats, fits.weight_repeats, fits.channel_repeats) == (1, 1, 1)
    assert (fits.act_words, fits.weight_words, fits.channel_words) == (48, 32, 16)
    long = Schedule(spec=spec, m=24, k=33, n=33)
    assert (long.act_repeats, long.weight_repeats, long.channel_repeats) == (5, 3, 3)
    assert (long.act_words, long.weight_words) == (3 * 5 * 17, 3 * 5 * 17)
    assert Schedule(spec=spec, m=24, k=33, n=33, raw=True).channel_words == 0


def test_cycles_of_long_panels_are_steps_and_the_way_out() -> None:
    spec = EngineSpec()
    plan = Schedule(spec=spec, m=256, k=256, n=256)
    # The last tile leaves column by column, two beats each, through five registers.
    assert plan.cycles == 1024 * 256 + spec.array.movement.latency - 1 + 2 * 7 + 2 + 5 + 2
    assert plan.utilisation > 0.9995


@pytest.mark.parametrize(("block", "nonzeros", "share"), [(4, 2, 0.5), (8, 2, 0.25)])
def test_sparse_weights_take_their_share_of_the_cycles(
    block: int, nonzeros: int, share: float
) -> None:
    spec = EngineSpec(sparsity="dbb", b=8, block=block, nonzeros=nonzeros)
    dense = Schedule(spec=spec, m=256, k=512, n=256, passes=spec.max_passes)
    sparse = Schedule(spec=spec, m=256, k=512, n=256)
    assert sparse.cycles / dense.cycles == pytest.approx(share, rel=0.05)
    # And of an array with as many multipliers.
    classic = Schedule(spec=EngineSpec(b=spec.array.lanes), m=256, k=512, n=256)
    assert sparse.cycles / classic.cycles == pytest.approx(share, rel=0.05)


def test_ports_are_those_that_tools_know() -> None:
    engine = Engine(EngineSpec(rows=2, cols=2, out_lanes=2, acc_width=20, arith="operators"))
    ports = engine.signature.members
    widths = {name: member.shape for name, member in ports.items() if "axis" in name}
    assert widths == {
        **{f"s_axis_{stream}_{line}": 1
           for stream in ("act", "weight", "channel") for line in ("tvalid", "tready", "tlast")},
        "s_axis_act_tdata": 16, "s_axis_weight_tdata": 16, "s_axis_channel_tdata": 56,
        "m_axis_result_tdata": 48, "m_axis_result_tkeep": 6, "m_axis_result_tlast": 1,
        "m_axis_result_tvalid": 1, "m_axis_result_tready": 1,
    }  # fmt: skip
    lite = {name.removeprefix("s_axil_") for name in ports if name.startswith("s_axil")}
    assert {name for name in lite if ports[f"s_axil_{name}"].flow is In} == {
        "awaddr", "awprot", "awvalid", "wdata", "wstrb", "wvalid", "bready", "araddr", "arprot",
        "arvalid", "rready",
    }  # fmt: skip
    verilog = to_verilog(engine, "engine")
    assert verilog.count("module engine_pe (") == verilog.count("module engine_engine (") == 1


@pytest.mark.parametrize("lanes", [{"rows": 2, "out_lanes": 2}, {"rows": 1, "out_lanes": 1}])
def test_no_signal_has_no_bits(lanes: dict[str, int]) -> None:
    """Verilog would make two of it."""
    assert "[-1:0]" not in to_verilog(Engine(EngineSpec(cols=1, **lanes)), "engine")


def test_registers_do_not_overlap() -> None:
    addresses = [*Register, *map(counter_address, COUNTERS[1:])]
    assert len(set(addresses)) == len(addresses) and max(addresses) < 256


def test_page_has_all_registers_and_errors() -> None:
    page = (ROOT / "docs" / "systolic-engine.md").read_text()
    cells = [[cell.strip() for cell in line.split("|")[1:3]] for line in page.splitlines()]
    pairs = {tuple(cell) for cell in cells if len(cell) == 2}
    rows = {
        (address, name)
        for addresses, names in pairs
        for address, name in zip(addresses.split(", "), names.split(", "), strict=False)
    }
    known = {(f"0x{register:02X}", register.name) for register in list(Register)[:-1]}
    known |= {(f"0x{counter_address(name):02X}", name) for name in COUNTERS}
    known |= {(str(error.value), error.name) for error in list(Error)[1:]}
    assert known <= rows
