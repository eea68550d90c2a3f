"""The engine's memories: left out as instances, and inferred by synthesis for an FPGA."""

import json
from collections import Counter
from pathlib import Path

import pytest

from macsmith.array.engine.axi_shell import Engine, EngineLogic
from macsmith.array.engine.spec import EngineSpec
from macsmith.host.yosys import run_yosys
from macsmith.rtl.emit import to_rtlil, to_verilog
from macsmith.rtl.external_memory import MEMORY, memories_in, sizes_in
from macsmith.synthesis.netlist_verilog import memory_model
from macsmith.verify.engines import run_engine_bench

SPEC = EngineSpec(
    rows=2, cols=1, out_lanes=1, act_width=2, weight_width=2, acc_width=12, act_depth=1024,
    weight_depth=512, channel_depth=256, out_width=4, arith="operators",
)  # fmt: skip
OPERANDS = {"core.act": "5x1024", "core.weight": "3x512", "core.channel": "49x256"}
"""A word and its end of a packet; of a channel the bias in whole bytes and 32 bits of scale."""


def test_each_memory_is_an_instance() -> None:
    rtlil = to_rtlil(EngineLogic(SPEC), "unit")
    found = {
        place.removesuffix(".words"): str(size)
        for place, size in memories_in(rtlil, "unit").items()
    }
    banks = {place: size for place, size in found.items() if ".bank_" in place}
    # The collector: two tiles of a column, a bank of 12-bit sums for each row.
    assert set(banks.values()) == {"12x2"} and len(banks) == 2
    assert {place: found[place] for place in found.keys() - banks.keys()} == OPERANDS
    assert "memory \\" not in rtlil
    assert [size.bits for size in sizes_in(rtlil)] == [3 * 512, 5 * 1024, 12 * 2, 49 * 256]
    plain = to_rtlil(Engine(SPEC), "unit")
    assert memories_in(plain, "unit") == {} and MEMORY not in plain


@pytest.mark.needs("icarus")
def test_the_logic_with_memories_in_place_is_the_engine(tmp_path: Path) -> None:
    logic = to_verilog(EngineLogic(SPEC), "unit")
    whole = logic + "".join(memory_model(size) for size in sizes_in(logic))
    tests = ["products_without_stalls", "products_with_stalls"]
    runs = run_engine_bench("systolic-engine", SPEC, "icarus", tmp_path, verilog=whole, tests=tests)
    assert all(run.right for run in runs) and sum(run.random for run in runs) > 100


def test_synthesis_infers_the_memories(tmp_path: Path) -> None:
    """Yosys finds each in the Verilog, with clocked reads, and iCE40 block RAMs take the large."""
    sizes = Counter(memories_in(to_rtlil(EngineLogic(SPEC), "unit"), "unit").values())
    verilog = to_verilog(Engine(SPEC), "engine")
    assert "[48:0] words [0:255]" in verilog and MEMORY not in verilog
    (tmp_path / "engine.v").write_text(verilog)
    run_yosys(
        [
            "read_verilog engine.v",
            "synth_ice40 -top engine -run begin:map_ram",
            *(
                f"select -assert-count {count} t:$mem_v2 r:WIDTH={size.width} r:SIZE={size.depth} "
                "r:RD_CLK_ENABLE=1'1 %i %i %i"
                for size, count in sizes.items()
            ),
            "synth_ice40 -top engine -run map_ram:map_ffram",
            "tee -q -o mapped.json stat -json",
        ],
        tmp_path,
    )
    mapped = json.loads((tmp_path / "mapped.json").read_text())["design"]
    # Blocks of 4096 bits, at most 16 wide: 2 of 4 x 1024 (5 bits), 1 of 8 x 512, 4 of 16 x 256.
    assert mapped["num_cells_by_type"]["SB_RAM40_4K"] == 2 + 1 + 4
