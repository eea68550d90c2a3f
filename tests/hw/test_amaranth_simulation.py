"""Units in Amaranth's own simulator and as its own Verilog, against the golden models."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from amaranth.back import rtlil, verilog
from amaranth.hdl import DomainRenamer, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.engine.register_map import Control, Register, Status
from macsmith.array.pe.tensor_pe import Pe
from macsmith.array.skewed_fifo import Bank
from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import build, make_spec, units
from macsmith.contract.modes import Mode
from macsmith.formats.stream_words import words_for, words_to_ints
from macsmith.golden.array import ArrayModel
from macsmith.golden.catalog import golden
from macsmith.host.yosys import run_yosys
from macsmith.mac.styles import STYLES
from macsmith.matmul.array_gemm import Gemm
from macsmith.matmul.engine_products import Products
from macsmith.operands.batches import Batch
from macsmith.operands.mac_source import MacSource
from macsmith.operands.pruning_blocks import BlockSource
from macsmith.rtl.external_memory import WithoutMemories
from macsmith.rtl.shared_module import instance
from macsmith.rtlsim.verilated_stream import VerilatedStream
from tests.support.amaranth_runs import (
    EngineHost,
    accumulated,
    multiplied,
    routed,
    simulate,
    streamed,
    traced,
)
from tests.support.sample import every
from tests.support.small_units import SMALL as SMALL_UNITS

SMALL = {"act_width": 4, "weight_width": 4}
NARROW = SMALL | {"acc_width": 16, "rows": 2, "cols": 2}
MODES = tuple(map(Mode.parse, ("4x4", "2x2")))


def batches_of(name: str, spec: Any, count: int = 5) -> list[Batch]:
    """Return accumulations of one and of two beats in all modes, which overflow or do not."""
    rng, found = np.random.default_rng(7), []
    for mode in range(len(spec.modes)):
        operands = MacSource(spec, golden(name, spec), mode, rng)
        found += [operands.uniform(count, 2), operands.uniform(2, 1), operands.overflowing(1, 9)]
    return found


def sent(spec: Any, batches: list[Batch]) -> list[int]:
    return [word for batch in batches for word in words_to_ints(batch.payloads(spec))]


def due(name: str, spec: Any, batches: list[Batch]) -> list[int]:
    model = golden(name, spec)
    return [word for batch in batches for word in words_to_ints(batch.expected(spec, model))]


def as_words(numbers: list[int], bits: int) -> np.ndarray:
    """Return payloads as rows of words."""
    octets = b"".join(number.to_bytes(8 * words_for(bits), "little") for number in numbers)
    return np.frombuffer(octets, np.uint64).reshape(len(numbers), -1)


# MACs.

MACS: list[tuple[str, dict[str, Any]]] = [
    *((name, {} if name == "ebsp" else SMALL) for name in STYLES),
    ("data-gated", {}),
    ("subword-st", SMALL | {"arith": "operators", "act_signed": True}),
    *((name, SMALL | {"clock_gating": "cell"})
      for name in ("data-gated", "subword-sa", "dnc-2d-st", "serial-1d", "serial-2d")),
    ("dnc-1d-st", SMALL | {"stages": 1, "compressor": "4:2"}),
    ("subword-st", SMALL | {"length": 2, "rows": 3, "clock_gating": "cell"}),
    ("ebsp", {"rows": 2, "lut": "bank", "steering": "stored"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters"), MACS)
def test_mac_unit(name: str, parameters: dict[str, Any]) -> None:
    spec = make_spec(name, parameters)
    batches = batches_of(name, spec)
    expected = due(name, spec, batches)
    assert streamed(build(name, spec), {"i": sent(spec, batches)}, len(expected)) == expected


def test_the_product_of_the_issue() -> None:
    """Accumulators have 20 bits: 7 x -3 is 2^20 - 21."""
    spec = make_spec("data-gated", {"headroom": 4})
    beat = 7 | (-3 & 0xFF) << 8 | 1 << 19
    assert streamed(build("data-gated", spec), {"i": [beat]}, 1) == [2**20 - 21 & 0xFFFFF]


CORES: list[tuple[str, dict[str, Any]]] = [
    # Registers outside the core of EBSP hold codes of weights, unless these come as codes.
    ("ebsp", {"steering": "stored"}) if case == ("ebsp", {}) else case
    for case in MACS
    if not case[0].startswith("serial")
]
"""The sequencer of a serial style is outside its core."""


@pytest.mark.parametrize(("name", "parameters"), CORES)
def test_mac_core(name: str, parameters: dict[str, Any]) -> None:
    spec = make_spec(name, parameters)
    batches = batches_of(name, spec)
    expected = []
    for batch in batches:
        used = (1 << len(spec.acc_source(spec.modes[batch.point]))) - 1
        expected += [word & used for word in due(name, spec, [batch])]
    core: Any = build(name, spec, "core")
    assert accumulated(core, batches) == expected


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("name", ["data-gated", "ebsp"])
def test_multiplier(name: str, rows: int) -> None:
    given = {"steering": "stored"} if name == "ebsp" else {}
    spec = make_spec(name, {"rows": rows, "length": 2, **given})
    batch = MacSource(spec, golden(name, spec), 0, np.random.default_rng(3)).uniform(20, 1)
    words = sent(spec, [batch])
    mode = spec.modes[0]
    operands = [
        (routed(word, spec.act_source(mode)),
         routed(word >> spec.act_port_width, spec.weight_source(mode)))
        for word in words
    ]  # fmt: skip
    unit: Any = build(name, spec, "multiplier")
    sums = golden(name, spec).beat(mode, batch.fields["a"][:, 0], batch.fields["w"][:, 0])
    width = len(unit.result) // rows
    expected = [
        sum((int(total) & (1 << width) - 1) << at * width for at, total in enumerate(row))
        for row in sums
    ]
    assert multiplied(unit, operands) == expected


@pytest.mark.parametrize("form", ["bitmask", "index"])
def test_dap(form: str) -> None:
    spec = make_spec("dap", {"act_width": 4, "block": 4, "nonzeros": 3, "form": form})
    model, rng = golden("dap", spec), np.random.default_rng(5)
    blocks = [BlockSource(spec, model, keep, rng).uniform(6) for keep in range(len(spec.points))]
    expected = due("dap", spec, blocks)
    assert streamed(build("dap", spec), {"i": sent(spec, blocks)}, len(expected)) == expected


# Arrays.

SPARSITIES = {
    "dense": {"a": 2, "b": 2},
    "zero-gated": {"b": 2, "sparsity": "zero-gated"},
    "dbb": {"b": 4, "sparsity": "dbb", "block": 4, "nonzeros": 2},
}
ARRAYS: dict[str, dict[str, Any]] = {
    f"{dataflow}, {sparsity}": NARROW | given | {"dataflow": dataflow, "depth": 8}
    for dataflow in ("output", "weight", "input")
    for sparsity, given in SPARSITIES.items()
}
ARRAYS |= {
    "the issue's": {"rows": 2, "cols": 2},
    "joint-dbb": NARROW | {"b": 4, "sparsity": "joint-dbb", "block": 4, "nonzeros": 2,
                           "act_nonzeros": 3},
    "modes": NARROW | {"mac": "subword-st", "modes": MODES, "clock_gating": "cell"},
    "operators": NARROW | {"arith": "operators", "stages": 2, "dataflow": "weight", "depth": 8},
    "ebsp": NARROW | {"mac": "ebsp", "lut": "bank", "c": 2, "weight_width": 5},
}  # fmt: skip


@pytest.mark.parametrize("given", ARRAYS.values(), ids=ARRAYS)
def test_array(given: dict[str, Any]) -> None:
    spec = make_spec("systolic", given)
    rng = np.random.default_rng(2)
    for mode in range(len(spec.modes)):
        gemm = Gemm.random(spec, (3, 3, 5), rng, mode)
        beats = {name: words_to_ints(words) for name, words in gemm.beats().items()}
        unit: Any = build("systolic", spec)
        results = streamed(unit, beats, gemm.result_count())
        words = as_words(results, len(unit.o.payload.as_value()))
        assert np.array_equal(gemm.sums(words), gemm.expected())


def field(numbers: Any, bits: int) -> int:
    """Return numbers side by side, the first lowest."""
    flat = np.ravel(numbers).tolist()
    return sum((number & (1 << bits) - 1) << at * bits for at, number in enumerate(flat))


def operands(spec: SystolicSpec, steps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return activations and weights of the whole grid for some steps, and their product."""
    rng = np.random.default_rng(9)
    acts = rng.integers(0, 16, (spec.rows * spec.a, steps * spec.b))
    weights = rng.integers(-8, 8, (steps * spec.b, spec.cols * spec.c))
    return acts, weights, ArrayModel(spec).matmul(spec.modes[0], acts, weights)


@pytest.mark.parametrize("stages", [1, 2])
def test_pe_that_holds_sums(stages: int) -> None:
    spec = SystolicSpec(**NARROW | {"a": 2, "b": 2, "c": 2, "rows": 1, "cols": 1, "stages": stages})
    steps = 4
    acts, weights, expected = operands(spec, steps)
    inputs = [
        {"act_in": field(acts[:, at : at + 2], 4), "weight_in": field(weights[at : at + 2].T, 4),
         "control_in": int(at == 0)}
        for at in range(0, 2 * steps, 2)
    ]  # fmt: skip
    inputs.append({"control_in": 1})
    sums = traced(build("systolic", spec, "pe"), inputs, "sum_out", steps + stages + 4)
    # What the accumulators held before the first tile leaves as well, and is never looked at.
    assert sums[steps + stages + 1 :] == [field(expected, 16), 0, 0]


@pytest.mark.parametrize("dataflow", ["weight", "input"])
def test_pe_that_holds_an_operand(dataflow: str) -> None:
    spec = SystolicSpec(**NARROW | {"a": 2, "b": 2, "c": 2, "rows": 1, "cols": 1,
                                    "dataflow": dataflow})  # fmt: skip
    acts, weights, product = operands(spec, 1)
    act, weight = field(acts, 4), field(weights.T, 4)
    held, moving = ("weight", "act") if dataflow == "weight" else ("act", "weight")
    words = {"act": act, "weight": weight}
    addend = np.array([[1, 2], [3, 4]])
    # Shift the held operand in, swap it in along with what moves, add it to what comes from above.
    inputs = [
        {f"{held}_in": words[held], "control_in": 2},
        {f"{moving}_in": words[moving], "control_in": 1},
        {"sum_in": field(addend, 16)},
    ]
    sums = traced(build("systolic", spec, "pe"), inputs, "sum_out", 5)
    assert sums[3] == field(product + addend, 16)


def test_grid() -> None:
    """Operands come in skewed, and sums leave each row skewed, a column every other cycle."""
    spec = SystolicSpec(**NARROW | {"b": 2})
    steps = 3
    acts, weights, expected = operands(spec, steps)
    grid: Any = build("systolic", spec, "core")
    pe: Pe = grid.row.pe
    width = {name: pe.width(name) for name in ("act", "weight", "control", "sum")}
    inputs = [{"act": 0, "weight": 0, "control": 0} for _ in range(steps + 4)]
    for lane in range(2):
        for step in range(steps):
            at = slice(2 * step, 2 * step + 2)
            given = inputs[step + lane]
            given["act"] |= field(acts[lane, at], 4) << lane * width["act"]
            given["weight"] |= field(weights[at, lane], 4) << lane * width["weight"]
        for first in (0, steps):
            inputs[first + lane]["control"] |= 1 << lane * width["control"]
    sums = traced(grid, inputs, "sum", steps + 8)
    leaves = steps + spec.stages + 1
    found = [
        [sums[leaves + row + 2 * col] >> row * 16 & 0xFFFF for col in range(2)] for row in range(2)
    ]
    assert found == (expected & 0xFFFF).tolist()


# The engine.

ENGINE: dict[str, Any] = NARROW | {
    "out_lanes": 2, "act_depth": 7, "weight_depth": 20, "channel_depth": 8,
}  # fmt: skip


@pytest.mark.parametrize("boundary", ["unit", "logic"])
def test_engine(boundary: str) -> None:
    """Products raw and requantised; a job that is dropped half way leaves no trace."""
    spec = make_spec("systolic-engine", ENGINE)
    engine = build("systolic-engine", spec, boundary)
    products = Products(spec, np.random.default_rng(4))

    async def host(context: Any) -> None:
        axi = EngineHost(context, engine)
        for raw in (True, False):
            product = products.product(3, 4, 3, raw=raw)
            assert np.array_equal(await axi.run(spec, product.job), product.expected)
            assert await axi.finish() == Status.DONE
        assert await axi.run(spec, product.job, cycles=11) is None
        assert await axi.read(Register.STATUS) == Status.BUSY
        await axi.write(Register.CONTROL, Control.RESET)
        assert await axi.read(Register.STATUS) == 0
        assert await axi.read(Register.COUNTERS) == 0
        product = products.product(2, 5, 2, raw=False)
        assert np.array_equal(await axi.run(spec, product.job), product.expected)

    simulate(engine, host)


# Designs of users.


class DotProduct(wiring.Component):
    """Two units that a user's own control starts together, and the difference of their sums."""

    start: In(1)
    done: Out(1)
    difference: Out(20)

    def __init__(self, acts: list[int], weights: list[int], others: list[int]) -> None:
        super().__init__()
        spec = make_spec("data-gated", {"modes": (Mode.parse("8x8"),)})
        self.units: list[Any] = [build("data-gated", spec), build("data-gated", spec)]
        self.acts, self.weights = acts, [weights, others]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        count = len(self.acts)
        sums = [Signal(20, name=f"sum_{k}") for k in range(2)]
        finished = [Signal(name=f"finished_{k}") for k in range(2)]
        for k, unit in enumerate(self.units):
            m.submodules[f"mac_{k}"] = unit
            place = Signal(range(count + 1), init=count, name=f"place_{k}")
            m.d.comb += [unit.i.valid.eq(place != count), unit.o.ready.eq(~finished[k])]
            with m.Switch(place):
                for at, pair in enumerate(zip(self.acts, self.weights[k], strict=True)):
                    with m.Case(at):
                        m.d.comb += [unit.i.payload.a.eq(pair[0]), unit.i.payload.w.eq(pair[1])]
            m.d.comb += unit.i.payload.last.eq(place == count - 1)
            with m.If(self.start):
                m.d.sync += [place.eq(0), finished[k].eq(0)]
            with m.Elif(unit.i.valid & unit.i.ready):
                m.d.sync += place.eq(place + 1)
            with m.If(unit.o.valid & unit.o.ready):
                m.d.sync += [sums[k].eq(unit.o.payload), finished[k].eq(1)]
        m.d.comb += [
            self.done.eq(finished[0] & finished[1]),
            self.difference.eq(sums[0] - sums[1]),
        ]
        return m


@pytest.mark.parametrize("domain", ["sync", "mac"])
def test_units_in_a_larger_design(domain: str) -> None:
    """In the domain of the design, and renamed with it."""
    rng = np.random.default_rng(6)
    acts, weights, others = (
        rng.integers(low, low + 256, 9).tolist() for low in (0, -128, -128)
    )  # fmt: skip
    dot = DotProduct(acts, weights, others)
    expected = int(np.dot(acts, weights) - np.dot(acts, others)) & 0xFFFFF

    async def host(context: Any) -> None:
        for _ in range(2):
            context.set(dot.start, 1)
            await context.tick(domain)
            context.set(dot.start, 0)
            assert not context.get(dot.done)
            *_, found = await context.tick(domain).sample(dot.difference).until(dot.done)
            assert found == expected

    simulate(DomainRenamer(domain)(dot), host, domain)


VERILOG: dict[str, tuple[str, dict[str, Any]]] = {
    "MAC": ("subword-sa", SMALL | {"clock_gating": "cell"}),
    "array": ("systolic", NARROW | {"rows": 1, "dataflow": "weight", "depth": 8}),
}


@pytest.mark.parametrize("case", VERILOG)
def test_verilog_of_amaranth_is_whole(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`amaranth.back.verilog` writes all modules, and Verilator finds what the model does."""
    monkeypatch.setenv("AMARANTH_USE_YOSYS", "builtin")
    name, parameters = VERILOG[case]
    spec = make_spec(name, parameters)
    unit: Any = build(name, spec)
    text = verilog.convert(unit, name="unit")
    (tmp_path / "unit.v").write_text(text)
    run_yosys(["read_verilog unit.v", "hierarchy -check -top unit"], tmp_path, "read")
    gemm = Gemm.random(spec, (3, 4, 5), np.random.default_rng(2)) if name == "systolic" else None
    if gemm:
        beats, count = list(gemm.beats().values()), gemm.result_count()
    else:
        batches = batches_of(name, spec)
        expected = due(name, spec, batches)
        beats, count = [np.concatenate([batch.payloads(spec) for batch in batches])], len(expected)
    inputs = ("i",) if len(beats) == 1 else ("i_a", "i_w")
    bits = [len(getattr(unit, stream).payload.as_value()) for stream in inputs]
    width = len(Value.cast(unit.o.payload))
    model = VerilatedStream(text, bits[0] if len(bits) == 1 else (bits[0], bits[1]), width)
    found, _ = model.run_timed(beats[0] if len(beats) == 1 else beats, count, 0.2)
    if gemm:
        assert np.array_equal(gemm.sums(found), gemm.expected())
    else:
        assert words_to_ints(found) == expected


@pytest.mark.parametrize("name", every(2, units()))
def test_no_boundary_lacks_a_module(name: str) -> None:
    """Whatever Amaranth converts, nothing is left to be instantiated by a name of macsmith's."""
    own: dict[str, dict[str, Any]] = SMALL_UNITS | {
        "ebsp": {},
        "systolic": NARROW | {"rows": 1},
        "systolic-engine": ENGINE | {"rows": 1, "cols": 1, "out_lanes": 1},
    }
    spec = make_spec(name, own.get(name, SMALL if name in STYLES else {}))
    for boundary in units()[name].cuts:
        text = rtlil.convert(build(name, spec, boundary), emit_src=False)
        assert "cell \\macsmith_" not in text


def test_memories_alone_are_left_out() -> None:
    """A user's flow that has memory macros, but takes everything else as it is."""
    spec = make_spec("systolic-engine", ENGINE | {"rows": 1, "cols": 1, "out_lanes": 1})
    text = rtlil.convert(build("systolic-engine", spec), platform=WithoutMemories())
    cells = {line.split()[1] for line in text.splitlines() if line.startswith("  cell \\macsmith")}
    assert cells and all(cell.startswith("\\macsmith_memory_") for cell in cells)


class Holder(wiring.Component):
    """A component that keeps a submodule."""

    o: Out(4)

    def __init__(self) -> None:
        super().__init__()
        self.bank = Bank(4, 2)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.bank = self.bank
        m.d.comb += self.o.eq(self.bank.read_data)
        return m


def test_a_kept_submodule_is_refused_in_a_second_instance() -> None:
    m, holder = Module(), Holder()
    for number in range(2):
        m.submodules[f"holder_{number}"] = instance("holder", holder, o=Signal(4))
    with pytest.raises(Exception, match=r"Bank .* is included twice"):
        rtlil.convert(m, ports=[Signal(name="unused")])
