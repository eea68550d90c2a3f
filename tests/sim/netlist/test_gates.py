"""The gate-level engine against Python integers and Amaranth's own simulator."""

import numpy as np
import pytest
from amaranth.back import rtlil
from amaranth.hdl import (
    ClockDomain,
    ClockSignal,
    Instance,
    Module,
    Mux,
    ResetSignal,
    Signal,
    signed,
)
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from macsmith.host.yosys import YosysError
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.netlist.zero_delay import GateEngine

LANES = 200
CYCLES = 12


class Accumulator(wiring.Component):
    """A bit of everything: multiplier, enable, synchronous reset, initial value, table, wide port.

    ``total`` starts at -5 and takes ``a * b`` where ``en``; ``count`` counts all cycles, mod 10;
    ``square`` is ``count ** 2`` from a table; ``wide_o`` is ``wide_i`` delayed, or its complement.
    """

    en: In(1)
    a: In(7)
    b: In(signed(9))
    wide_i: In(150)
    total: Out(signed(20), init=-5)
    count: Out(4)
    square: Out(7)
    equal: Out(1)
    wide_o: Out(150)

    def elaborate(self, platform):
        m = Module()
        delayed = Signal(150)
        with m.If(self.en):
            m.d.sync += self.total.eq(self.total + self.a * self.b)
        m.d.sync += [
            self.count.eq(Mux(self.count == 9, 0, self.count + 1)),
            delayed.eq(self.wide_i),
        ]
        with m.Switch(self.count):
            for value in range(10):
                with m.Case(value):
                    m.d.comb += self.square.eq(value**2)
        m.d.comb += [
            self.equal.eq(self.a == self.b),
            self.wide_o.eq(Mux(self.count[0], ~(delayed ^ 1), delayed)),
        ]
        return m


OUTPUTS = {"total": 20, "count": 4, "square": 7, "equal": 1, "wide_o": 150}


def build(component, folder):
    return GateEngine(read_netlist(rtlil.convert(component, name="top"), "top", folder))


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return build(Accumulator(), tmp_path_factory.mktemp("gates"))


def stimuli(seed):
    """Input values by cycle: name -> (cycles, lanes), ``wide_i`` (cycles, lanes, 3 words)."""
    rng = np.random.default_rng(seed)
    shape = (CYCLES, LANES)
    return {
        "rst": rng.random(shape) < 0.1,
        "en": rng.integers(2, size=shape),
        "a": rng.integers(128, size=shape, dtype=np.uint8),
        "b": rng.integers(-256, 256, size=shape),
        "wide_i": rng.integers(2**64, size=(*shape, 3), dtype=np.uint64),
    }


def run_gates(engine, inputs):
    """Outputs by cycle as lists of ints, sampled before each clock edge."""
    engine.reset(LANES)
    trace = []
    for cycle in range(CYCLES):
        for name, values in inputs.items():
            engine.set(name, values[cycle])
        trace.append({name: to_ints(engine.get(name)) for name in OUTPUTS})
        engine.tick()
    return trace


def run_amaranth(inputs, lane):
    """The same for one lane, in Amaranth's simulator."""
    dut = Accumulator()
    m = Module()
    m.domains.sync = domain = ClockDomain()
    m.submodules.dut = dut
    trace = []

    async def bench(ctx):
        for cycle in range(CYCLES):
            ctx.set(domain.rst, int(inputs["rst"][cycle, lane]))
            for name in ("en", "a", "b"):
                ctx.set(getattr(dut, name), int(inputs[name][cycle, lane]))
            ctx.set(dut.wide_i, to_ints(inputs["wide_i"][cycle])[lane])
            trace.append(
                {
                    name: int(ctx.get(getattr(dut, name))) % 2**width
                    for name, width in OUTPUTS.items()
                }
            )
            await ctx.tick()

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return trace


def to_ints(values):
    if values.ndim == 1:
        return values.tolist()
    return [sum(word << 64 * index for index, word in enumerate(row)) for row in values.tolist()]


def test_agrees_with_amaranth(engine):
    inputs = stimuli(seed=1)
    gates = run_gates(engine, inputs)
    for lane in (0, 63, 64, LANES - 1):
        own = [{name: values[lane] for name, values in cycle.items()} for cycle in gates]
        assert own == run_amaranth(inputs, lane), f"lane {lane}, seed 1"


def test_agrees_with_integers_in_every_lane(engine):
    inputs = stimuli(seed=2)
    total = np.full(LANES, -5)
    count = np.zeros(LANES, dtype=int)
    for cycle, outputs in enumerate(run_gates(engine, inputs)):
        assert outputs["total"] == (total % 2**20).tolist()
        assert outputs["count"] == count.tolist()
        assert outputs["square"] == (count**2).tolist()
        assert outputs["equal"] == (inputs["a"][cycle] == inputs["b"][cycle]).tolist()
        product = inputs["a"][cycle].astype(int) * inputs["b"][cycle]
        total = np.where(inputs["rst"][cycle], -5, total + inputs["en"][cycle] * product)
        count = np.where(inputs["rst"][cycle], 0, (count + 1) % 10)


@pytest.mark.parametrize("lanes", [1, 64, 65])
def test_one_value_for_all_lanes_and_reset(engine, lanes):
    engine.reset(lanes)
    wide = (1 << 149) | (1 << 64) | 5
    for name, value in {"en": 1, "a": 127, "b": -256, "wide_i": wide}.items():
        engine.set(name, value)
    engine.tick()
    engine.settle()
    assert to_ints(engine.get("total")) == [(-5 - 256 * 127) % 2**20] * lanes
    assert to_ints(engine.get("wide_o")) == [(2**150 - 1) ^ wide ^ 1] * lanes
    assert to_ints(engine.get("wide_i")) == [wide] * lanes
    engine.reset(lanes)
    assert to_ints(engine.get("total")) == [2**20 - 5] * lanes
    assert to_ints(engine.get("wide_i")) == [0] * lanes


def test_32_bit_words_and_ignored_upper_bits(engine):
    engine.reset(2)
    words = np.array([[1, 2, 3, 4, 0xFFFF_FFFF], [5, 0, 0, 0, 6]], dtype=np.uint32)
    engine.set("wide_i", words)
    assert to_ints(engine.get("wide_i")) == [
        sum(int(word) << 32 * index for index, word in enumerate(row)) % 2**150 for row in words
    ]
    engine.set("a", np.array([130, -1]))
    assert engine.get("a").tolist() == [2, 127]


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("c", 1, "input port must be one of a, b, .*, not 'c'"),
        ("clk", 1, "input port must be one of a, b, .*, not 'clk'"),
        ("total", 1, "input port must be one of a, b, .*, not 'total'"),
        ("a", [1, 2], "values of a must have 3 lanes of 7 bits, not 2 of 64"),
        ("a", [0.5] * 3, r"values of a must be \(lanes,\) of integers or .*, not .* of float64"),
        ("wide_i", [1, 2, 3], r"values of wide_i must be \(lanes, words\) of .*, not .* of int64"),
        (
            "wide_i",
            np.zeros((3, 2), dtype=np.uint64),
            "values of wide_i must have 3 lanes of 150 bits, not 3 of 128",
        ),
    ],
)
def test_bad_values(engine, name, values, message):
    engine.reset(3)
    with pytest.raises(ValueError, match=f"^{message}$"):
        engine.set(name, values)


def test_unknown_output_and_no_lanes(engine):
    with pytest.raises(ValueError, match=r"^port must be one of a, .*total.*, not 'sum'$"):
        engine.get("sum")
    with pytest.raises(ValueError, match=r"^lanes must be at least 1, not 0$"):
        engine.reset(0)


class Operators(wiring.Component):
    """Operators that Yosys maps in ways of its own, without a clock."""

    x: In(signed(9))
    y: In(signed(9))
    o: Out(signed(40))

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.o.eq(self.combine(self.x, self.y, self.y[:3], Mux))
        return m

    @staticmethod
    def combine(x, y, low, mux):
        """Both in Amaranth and in numpy; ``low`` is the lowest three bits of ``y``."""
        shifted = (y << low) ^ (x >> low) ^ ~(x ^ y)
        return shifted ^ mux(x < y, x * y, (y - x) << 9) ^ mux(x != y, ~y & x, ~(y | x))


def test_operators(tmp_path):
    engine = build(Operators(), tmp_path)
    rng = np.random.default_rng(5)
    x, y = rng.integers(-256, 256, (2, 5000))
    x[:1000] = y[:1000]
    engine.reset(5000)
    engine.set("x", x)
    engine.set("y", y)
    expected = Operators.combine(x, y, y & 7, np.where) % 2**40
    assert engine.get("o").tolist() == expected.tolist()
    engine.tick()
    assert engine.get("o").tolist() == expected.tolist()


class Wrong(wiring.Component):
    """Designs that the engine cannot simulate, by name."""

    i: In(1)
    j: In(1)
    o: Out(2)

    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def elaborate(self, platform):
        m = Module()
        if self.kind == "two clocks":
            m.domains.other = ClockDomain(reset_less=True)
            m.d.comb += ClockSignal("other").eq(self.j)
            m.d.sync += self.o[0].eq(self.i)
            m.d.other += self.o[1].eq(self.i)
        elif self.kind == "derived clock":
            m.domains.other = ClockDomain(reset_less=True)
            m.d.comb += ClockSignal("other").eq(self.i & self.j)
            m.d.other += self.o.eq(self.o + 1)
        elif self.kind == "asynchronous reset":
            m.domains.sync = ClockDomain(async_reset=True)
            m.d.comb += [ClockSignal().eq(self.i), ResetSignal().eq(self.j)]
            m.d.sync += self.o.eq(self.o + 1)
        else:
            m.submodules.leaf = Instance("leaf", i_i=self.i, o_o=self.o)
        return m


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        ("two clocks", ValueError, "design must have one clock, an input port, not 2 clock nets"),
        ("derived clock", ValueError, "design must have one clock, .*, not 1 clock nets"),
        ("asynchronous reset", YosysError, "Yosys failed: .*async.*"),
        ("leaf", YosysError, "Yosys failed: .*leaf.*"),
    ],
)
def test_designs_that_cannot_be_simulated(tmp_path, kind, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        build(Wrong(kind), tmp_path)


LOOP = r"""
module \top
  wire input 1 \i
  wire output 2 \o
  wire \n
  cell $_NAND_ \first
    connect \A \i
    connect \B \n
    connect \Y \o
  end
  cell $_NOT_ \second
    connect \A \o
    connect \Y \n
  end
end
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LOOP.replace("NAND", "AND"), "design must have no combinational loop, not 2 gates"),
        (LOOP, r"cell type must be one of \$_AND_, .*, not \$_NAND_"),
    ],
)
def test_gates_that_cannot_be_simulated(tmp_path, text, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        read_netlist(text, "top", tmp_path)
