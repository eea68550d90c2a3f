"""The testbench of a bundle: it passes on the unit and fails on each broken copy of it."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from macsmith.bundle.bundle import bundle
from macsmith.catalog.catalog import units
from tests.support.bundled import BENCHES, call, design, passed, written
from tests.support.command import run
from tests.support.drawn_faults import drawn_faults
from tests.support.own_family import installed
from tests.support.simulators import simulators

BROKEN = {
    "inverted operator in the flow": ("go = ~o__valid | o__ready;", "go = ~o__valid & o__ready;"),
    "valid waits for ready": ("go = ~o__valid | o__ready;", "go = o__ready;"),
    "stuck ready": ("assign i__ready = go;", "assign i__ready = 1'b1;"),
    "lost last": (
        "o__valid <= complete & multiplied_last;",
        "o__valid <= complete;",
    ),
    "packets that never end": ("fresh <= i__payload_last;", "fresh <= 1'b0;"),
    "a packet's start that no reset brings": ("      fresh <= 1'b1;\n", ""),
    "a result that outlives a reset": ("      o__valid <= 1'b0;\n", ""),
    "an inverted clear of the accumulator": ("{20{~first}}", "{20{first}}"),
    "a product register without an enable": (
        "wire product_en = advance;",
        "wire product_en = 1'b1;",
    ),
    "accumulation while it stalls": ("acc_en = complete & go;", "acc_en = complete;"),
    "a carry that is an AND of three": (
        "assign co = (a & b) | ((a ^ b) & c);",
        "assign co = a & b & c;",
    ),
    "a sign that is not extended": (
        "assign o__payload[19] = acc[19];",
        "assign o__payload[19] = 1'b0;",
    ),
    "a wrong mode": ("is_in_2 = mode_in == 3'd2;", "is_in_2 = mode_in == 3'd3;"),
}
"""Faults by what they are: a text of the unit and what stands in its place."""


@pytest.mark.needs("icarus")
def test_it_passes(tmp_path: Path) -> None:
    unit = design("data-gated")
    done = BENCHES["icarus"](written(tmp_path / "b", unit), unit)
    assert passed(done) and done.stdout.splitlines()[-1].startswith("PASS: ")


@pytest.mark.slow
@simulators
def test_each_broken_copy_fails(simulator: str, tmp_path: Path) -> None:
    unit = design("data-gated")
    bench = BENCHES[simulator]
    assert passed(bench(written(tmp_path / "whole", unit), unit))
    alive = []
    for number, (fault, (right, wrong)) in enumerate(BROKEN.items()):
        assert unit.verilog.count(right) == 1, fault
        broken = replace(unit, verilog=unit.verilog.replace(right, wrong))
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in (bundle(unit) | {unit.source: broken.verilog}).items():
            (folder / name).write_text(text)
        if passed(bench(folder, broken)):
            alive.append(fault)
    assert not alive


VARIED: Mapping[str, list[tuple[str, ...]]] = {
    "subword-sa": [("levels=1", "act_signed=true")],
    "serial-2d": [("digit=2",)],
    "dnc-2d-st": [("length=4", "rows=3")],
    "dap": [("block=16",)],
}
"""Settings beside the default."""


@pytest.mark.slow
@pytest.mark.needs("icarus")
def test_every_unit_passes(subtests: pytest.Subtests, tmp_path: Path) -> None:
    """All but arrays and the engine, of which small ones pass below."""
    tried = 0
    for name, entry in units().items():
        for settings in [(), *VARIED.get(name, [])]:
            if entry.layers:
                continue
            tried += 1
            unit = design(name, *settings)
            with subtests.test(name, settings=settings):
                folder = written(tmp_path / str(tried), unit)
                assert passed(BENCHES["icarus"](folder, unit))


@pytest.mark.needs("icarus")
def test_packets_of_packets(tmp_path: Path) -> None:
    unit = design("packer")
    folder = written(tmp_path / "b", unit)
    assert passed(BENCHES["icarus"](folder, unit))
    (wrong,) = list(drawn_faults(unit.verilog, 1))
    (folder / unit.source).write_text(wrong)
    assert not passed(BENCHES["icarus"](folder, unit))


DRAWN = 12
"""Broken copies of each."""

FAMILIES = {
    "bitmask-encoder": 10,
    "huffman-decoder": 10,
    "sparce-skip": 10,
    "buffet": DRAWN,
    "double-buffer": DRAWN,
    "ternary": 10,
    "shared-weight": 10,
    "exp": 10,
}
"""Units of each kind, beside MACs, arrays and the engine, and how many must be found of each."""


@pytest.mark.slow
@pytest.mark.needs("icarus")
@pytest.mark.parametrize("name", FAMILIES)
def test_it_fails_on_broken_copies(name: str, tmp_path: Path) -> None:
    """Of operators and constants turned around here and there; some of them change nothing."""
    unit = design(name)
    folder = written(tmp_path / "b", unit)
    assert passed(BENCHES["icarus"](folder, unit))
    found = 0
    for wrong in drawn_faults(unit.verilog, DRAWN):
        (folder / unit.source).write_text(wrong)
        found += not passed(BENCHES["icarus"](folder, unit))
    assert found >= FAMILIES[name], f"{found} of {DRAWN}"


@pytest.mark.slow
@pytest.mark.needs("icarus")
@pytest.mark.parametrize("boundary", ["unit", "axi-stream"])
@pytest.mark.parametrize("name", ["data-gated", "dap", "ebsp"])
def test_the_golden_model_is_imported_by_a_bench_of_cocotb(
    name: str, boundary: str, tmp_path: Path
) -> None:
    unit = design(name, boundary=boundary)
    folder = written(tmp_path / "b", unit)
    done = call(folder, sys.executable, f"{unit.module}_cocotb.py")
    assert done.returncode == 0 and "2 tests, 0 failed" in done.stdout, done.stdout[-3000:]
    wrong = unit.verilog.replace("~o__valid | o__ready", "~o__valid & o__ready")
    assert wrong != unit.verilog
    (folder / unit.source).write_text(wrong)
    done = call(folder, sys.executable, f"{unit.module}_cocotb.py")
    assert done.returncode == 1, done.stdout[-3000:]


COCOTB = [
    (name, boundary, settings)
    for name, boundaries, settings in (
        ("bitmask-decoder", ("unit", "axi-stream"), ()),
        ("ebpc-decoder", ("unit", "axi-stream"), ()),
        ("systolic", ("unit", "axi-stream"),
         ("rows=2", "cols=2", "dataflow=weight", "depth=8", "mac.act_signed=true")),
        ("buffet", ("unit", "axi-stream"), ("size=6",)),
        ("double-buffer", ("unit", "axi-stream"), ("size=6",)),
    )
    for boundary in boundaries
]  # fmt: skip
"""Units of packets, of several streams, of matrices and of programs, with settings."""


@pytest.mark.slow
@pytest.mark.needs("icarus")
@pytest.mark.parametrize(("name", "boundary", "settings"), COCOTB)
def test_benches_of_cocotb_of_several_beats(
    name: str, boundary: str, settings: tuple[str, ...], tmp_path: Path
) -> None:
    unit = design(name, *settings, boundary=boundary)
    folder = written(tmp_path / "b", unit)
    done = call(folder, sys.executable, f"{unit.module}_cocotb.py")
    assert done.returncode == 0 and "2 tests, 0 failed" in done.stdout, done.stdout[-3000:]
    for wrong in drawn_faults(unit.verilog, 4 if "size=6" in settings else 1):
        (folder / unit.source).write_text(wrong)
        done = call(folder, sys.executable, f"{unit.module}_cocotb.py")
        assert done.returncode in (1, 2), done.stdout[-3000:]


@pytest.mark.slow
@pytest.mark.needs("icarus")
@pytest.mark.parametrize("name", ["data-gated", "dap", "serial-2d"])
def test_it_passes_in_an_axi_stream_wrapper(name: str, tmp_path: Path) -> None:
    unit = design(name, boundary="axi-stream")
    assert passed(BENCHES["icarus"](written(tmp_path / "b", unit), unit))
    sign = ("{4{o__payload[19]}}", "4'd0")
    if sign[0] in unit.verilog:
        (tmp_path / "b" / unit.source).write_text(unit.verilog.replace(*sign))
        assert not passed(BENCHES["icarus"](tmp_path / "b", unit))


DATAFLOWS = {
    "output": ("rows=2", "cols=3", "mac.act_signed=true"),
    "weight": ("rows=2", "cols=2", "dataflow=weight", "depth=8"),
    "input": ("rows=1", "cols=2", "dataflow=input", "depth=4", "b=8", "sparsity=dbb"),
    "joint": ("rows=1", "cols=2", "b=8", "sparsity=joint-dbb"),
}


@pytest.mark.slow
@simulators
@pytest.mark.parametrize("boundary", ["unit", "axi-stream"])
@pytest.mark.parametrize("dataflow", DATAFLOWS)
def test_arrays_pass_in_the_cycles_of_the_formula(
    dataflow: str, boundary: str, simulator: str, tmp_path: Path
) -> None:
    unit = design("systolic", *DATAFLOWS[dataflow], boundary=boundary)
    folder = written(tmp_path / "b", unit)
    assert passed(BENCHES[simulator](folder, unit))
    lines = unit.verilog.splitlines()
    (first, *_) = [line for line in lines if " ^ " in line and "assign s " not in line]
    wrong = unit.verilog.replace(first, first.replace(" ^ ", " & ", 1))
    (folder / unit.source).write_text(wrong)
    assert not passed(BENCHES[simulator](folder, unit))


ENGINES = {
    "dense": ("rows=2", "cols=2", "out_lanes=2", "act_depth=8", "weight_depth=8",
              "channel_depth=8"),
    "blocks": ("rows=1", "cols=2", "b=8", "sparsity=dbb", "nonzeros=3", "out_lanes=1",
               "act_depth=8", "weight_depth=16", "channel_depth=8", "out_signed=true"),
    "modes": ("rows=2", "cols=1", "mac=subword-st", "modes=8x8,4x4", "out_lanes=2",
              "out_width=6", "act_signed=true"),
}  # fmt: skip

BROKEN_ENGINE = {
    "half up": ("(more[0] | moved_0[1])", "1'b1"),
    "an answer that does not wait": ("take | (s_axil_bvalid & ~s_axil_bready)", "take"),
    "a write taken over a waiting answer": (
        "assign take = s_axil_awvalid & s_axil_wvalid & (~s_axil_bvalid | s_axil_bready);",
        "assign take = s_axil_awvalid & s_axil_wvalid;",
    ),
    "done that no start takes down": ("            done <= 1'b0;\n", ""),
    "unknown registers that answer": ("known ? 2'd0 : 2'd2", "2'd0"),
    "a framing error of another stream": ("error <= 4'd6;", "error <= 4'd5;"),
    "results at half the rate": (
        "assign go = ~rounded_valid | o__ready;",
        "assign go = ~rounded_valid;",
    ),
}
"""Faults of control and of rounding; text that is there more than once is replaced everywhere."""


@pytest.mark.slow
@simulators
@pytest.mark.parametrize("kind", ENGINES)
def test_engines_pass(kind: str, simulator: str, tmp_path: Path) -> None:
    unit = design("systolic-engine", *ENGINES[kind])
    assert passed(BENCHES[simulator](written(tmp_path / "b", unit), unit))


@pytest.mark.slow
@pytest.mark.needs("icarus")
def test_each_broken_engine_fails(tmp_path: Path) -> None:
    unit = design("systolic-engine", *ENGINES["dense"])
    folder = written(tmp_path / "b", unit)
    alive = []
    for fault, (right, wrong) in BROKEN_ENGINE.items():
        assert right in unit.verilog, fault
        (folder / unit.source).write_text(unit.verilog.replace(right, wrong))
        if passed(BENCHES["icarus"](folder, unit)):
            alive.append(fault)
    assert not alive


@pytest.mark.slow
@simulators
@pytest.mark.parametrize("kind", ENGINES)
def test_a_bench_of_cocotb_is_the_engines_host(kind: str, simulator: str, tmp_path: Path) -> None:
    unit = design("systolic-engine", *ENGINES[kind])
    folder = written(tmp_path / "b", unit)
    done = call(folder, sys.executable, f"{unit.module}_cocotb.py", simulator)
    assert done.returncode == 0 and "3 tests, 0 failed" in done.stdout, done.stdout[-3000:]
    if kind != "dense":
        return
    for fault in ("half up", "done that no start takes down", "results at half the rate"):
        right, wrong = BROKEN_ENGINE[fault]
        assert right in unit.verilog, fault
        (folder / unit.source).write_text(unit.verilog.replace(right, wrong))
        done = call(folder, sys.executable, f"{unit.module}_cocotb.py", simulator)
        assert done.returncode in (1, 2, 3), (fault, done.stdout[-3000:])


@pytest.mark.slow
@pytest.mark.needs("icarus")
def test_a_family_of_ones_own_has_a_testbench(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    done = run(
        "generate", "popcount", "--set", "width=13", "--name", "ones",
        "--language", "systemverilog", "--bundle", str(tmp_path / "b"), PYTHONPATH=installed(package)["PYTHONPATH"],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    built = call(tmp_path / "b", "iverilog", "-g2012", "-o", "bench.vvp", "ones.sv", "ones_tb.v")
    assert built.returncode == 0, built.stderr
    assert passed(call(tmp_path / "b", "vvp", "-n", "bench.vvp"))


def test_same_bytes_on_every_run() -> None:
    unit = design("serial-1d", "digit=2")
    assert bundle(unit) == bundle(unit)


@pytest.mark.parametrize(("name", "boundary"), [("data-gated", "core"), ("buffet", "logic")])
def test_a_part_of_a_unit_has_no_testbench(name: str, boundary: str) -> None:
    part = design(name, boundary=boundary)
    assert not [name for name in bundle(part) if "_tb" in name]
