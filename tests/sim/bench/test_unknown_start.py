"""Registers that start undefined: benches see one that reaches a valid output or a handshake."""

import re
from pathlib import Path

import pytest
from amaranth import Module, Signal
from amaranth.back.verilog import convert

from macsmith.array.output_stationary.array import Systolic
from macsmith.catalog.catalog import build, make_spec
from macsmith.mac.parallel.data_gated import DataGated
from macsmith.mac.unit import MacUnit
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.cocotb_runner import BenchError, run_bench
from macsmith.rtlsim.unknown_start import with_unknown_start
from macsmith.verify.arrays import run_array_bench
from tests.support.broken import StartsAtZero, StartsAwake

VALUE = re.compile(r"= *\d+'[bdh]")
"""A number with a width that is assigned to something."""

ENGINE = {"rows": 1, "cols": 1, "out_lanes": 1, "arith": "operators"}


@pytest.mark.parametrize(
    ("name", "parameters"), [("serial-2d", {}), ("dap", {}), ("systolic-engine", ENGINE)]
)
def test_no_register_and_no_memory_has_an_initial_value(
    name: str, parameters: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in our Verilog nor in what is left of that of Yosys."""
    monkeypatch.setenv("AMARANTH_USE_YOSYS", "builtin")
    ours = to_verilog(build(name, make_spec(name, parameters)), "unit")
    assert with_unknown_start(ours) == ours and "initial" not in re.sub("//.*", "", ours)
    theirs = convert(build(name, make_spec(name, parameters)), "unit", emit_src=False)
    registers = [line for line in theirs.splitlines() if re.match(r"\s*reg ", line)]
    assert sum(bool(VALUE.search(line)) for line in registers) > 10
    unknown = with_unknown_start(theirs)
    left = [line for line in unknown.splitlines() if re.match(r"\s*reg ", line)]
    assert len(left) == len(registers) and not any(map(VALUE.search, left))
    assert "initial begin" not in unknown
    # All the rest is as it was.
    assert unknown.count("always") == theirs.count("always")
    assert unknown.count("assign") == theirs.count("assign")


SEEN: dict[type[MacUnit], str] = {
    StartsAwake: r"i\.ready is X: bits of it are unknown",
    StartsAtZero: r"o\.payload is X+: bits of it are unknown",
}
"""Units with a register without a reset, and what the bench says of each."""


@pytest.mark.needs("icarus")
def test_a_register_without_a_reset_is_seen(tmp_path: Path) -> None:
    spec = make_spec("data-gated", {"act_width": 4, "weight_width": 4})
    tests = ["valid_waits_for_nothing"]
    for unit, reason in SEEN.items():
        verilog = to_verilog(unit(DataGated(spec)), "unit")
        with pytest.raises(BenchError, match=reason):
            run_bench("data-gated", spec, "icarus", tmp_path, verilog=verilog, tests=tests)


class ArrayStartsAwake(Systolic):
    """Sums are valid while a register is up that nothing resets, of which FPGAs load 1."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        awake = Signal(init=1, reset_less=True)
        m.d.sync += awake.eq(awake)
        m.d.comb += self.o.valid.eq(self.collector.o.valid & awake)
        return m


@pytest.mark.needs("icarus")
def test_an_array_is_watched_in_every_cycle(tmp_path: Path) -> None:
    spec = make_spec("systolic", {"rows": 1, "cols": 1, "depth": 2})
    verilog = to_verilog(ArrayStartsAwake(spec), "unit")
    with pytest.raises(BenchError, match=r"o\.valid is X: bits of it are unknown"):
        run_array_bench("systolic", spec, "icarus", tmp_path, verilog=verilog)
