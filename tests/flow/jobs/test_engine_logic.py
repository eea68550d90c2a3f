"""The engine's logic as `macsmith measure` gives it: memories outside, and listed."""

import json

from macsmith.catalog.catalog import make_spec
from macsmith.catalog.verilog import generate
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job
from macsmith.library import resolve
from macsmith.report.terminal.memories import left_out
from macsmith.synthesis.yosys_abc import Recipe

SPEC = make_spec(
    "systolic-engine",
    {"rows": 2, "cols": 1, "out_lanes": 1, "act_width": 2, "weight_width": 2, "acc_width": 8,
     "out_width": 2, "act_depth": 256, "weight_depth": 128, "channel_depth": 16,
     "arith": "operators"},
)  # fmt: skip
MEMORIES = {
    "core.act.words": "5x256", "core.weight.words": "3x128", "core.channel.words": "41x16",
    "core.array.collector.fifo.bank_0.words": "8x2",
    "core.array.collector.fifo.bank_1.words": "8x2",
}  # fmt: skip
"""A word of operands and its end of a packet, a channel, and two tiles of sums in a bank a row."""


def test_memories_are_outside_and_listed() -> None:
    job = Job("systolic-engine", SPEC, "logic", Recipe.AREA, False)
    (record,) = measure([job], resolve.resolve(None))
    assert record["memories"] == MEMORIES
    bits = 5 * 256 + 3 * 128 + 41 * 16 + 2 * 8 * 2
    assert record["memory_bits"] == bits == 2352
    # The eleven counters of 32 bits are among them, no word of a memory is.
    assert 11 * 32 < record["flip_flops"] < bits - 5 * 256 + 11 * 32
    assert record["period_tau"] > 0 and record["macs_per_cycle"] == 2
    json.dumps(record)
    assert left_out([record, record]) == [
        "systolic-engine: 2352 bits of memory are not in area and period: array.collector.fifo "
        "2 x 8x2, act 5x256, weight 3x128, channel 41x16 (bits x words)"
    ]
    assert left_out([record | {"memories": {}}]) == []


def test_verilog_holds_the_names_of_memories() -> None:
    text = generate("systolic-engine", SPEC, "logic")
    assert "macsmith_memory_41x16 " in text and "[40:0] words [15:0]" not in text
