"""Adder cells and the clock gate as leaf modules, so that a cell library can supply its own.

A compressor instantiates ``macsmith_fa``, ``macsmith_ha`` and ``macsmith_c42``, a core with
``clock_gating="cell"`` ``macsmith_clock_gate``; `macsmith.emit` adds the bodies below to what it
writes, and `macsmith.synth` may replace them by library cells.
"""

from collections.abc import Sequence

from amaranth import Cat, ClockSignal, Elaboratable, Instance, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class FullAdder(wiring.Component):
    """Sum of three bits, ``a + b + c = s + 2 co``.

    Members
    -------
    a, b, c : In(1)
        The summands; ``c`` is the latest to arrive.
    s, co : Out(1)
        Sum and carry.
    """

    a: In(1)
    b: In(1)
    c: In(1)
    s: Out(1)
    co: Out(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += Cat(self.s, self.co).eq(Cat(adder_gates([self.a, self.b, self.c])))
        return m


class HalfAdder(wiring.Component):
    """Sum of two bits, ``a + b = s + 2 co``.

    Members
    -------
    a, b : In(1)
        The summands.
    s, co : Out(1)
        Sum and carry.
    """

    a: In(1)
    b: In(1)
    s: Out(1)
    co: Out(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += Cat(self.s, self.co).eq(Cat(adder_gates([self.a, self.b])))
        return m


class Compressor42(wiring.Component):
    """Sum of five bits, ``a + b + c + d + e = s + 2 (co + cx)``: a 4:2 compressor.

    Weinberger (IBM Technical Disclosure Bulletin, 1981).

    Members
    -------
    a, b, c, d, e : In(1)
        The summands; ``e``, the carry from the column below, is the latest to arrive.
    s, co, cx : Out(1)
        Sum and two carries; ``cx`` is early, as it does not depend on ``d`` and ``e``.
    """

    a: In(1)
    b: In(1)
    c: In(1)
    d: In(1)
    e: In(1)
    s: Out(1)
    co: Out(1)
    cx: Out(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        gates = adder_gates([self.a, self.b, self.c, self.d, self.e])
        m.d.comb += Cat(self.s, self.co, self.cx).eq(Cat(gates))
        return m


LEAVES: dict[str, type[Elaboratable]] = {
    "macsmith_fa": FullAdder,
    "macsmith_ha": HalfAdder,
    "macsmith_c42": Compressor42,
}
"""The leaf modules of adder cells by the names under which they are instantiated."""

CLOCK_GATE = "macsmith_clock_gate"
"""The leaf module of a clock gate: ``gclk`` follows ``clk`` in cycles that begin with ``en`` up."""

_CELLS = {2: "macsmith_ha", 3: "macsmith_fa", 5: "macsmith_c42"}


def add_bits(m: Module, name: str, bits: Sequence[Value], leaf: bool = True) -> list[Value]:
    """Return sum and carries of two, three or five bits, of a leaf module or of gates here.

    A carry counts twice; of five bits there are two, the later one first.
    """
    ports = ("s", "co", "cx")[: 3 if len(bits) == 5 else 2]
    outputs = [Signal(name=f"{name}_{port}") for port in ports]
    if leaf:
        inputs = {f"i_{port}": bit for port, bit in zip("abcde", bits, strict=False)}
        outs = {f"o_{port}": signal for port, signal in zip(ports, outputs, strict=True)}
        m.submodules[name] = Instance(_CELLS[len(bits)], **inputs, **outs)
    else:
        m.d.comb += Cat(outputs).eq(Cat(adder_gates(bits)))
    return list(outputs)


def adder_gates(bits: Sequence[Value]) -> list[Value]:
    """Return sum and carries of two, three or five bits as gates; the latest bit comes last."""
    if len(bits) == 2:
        a, b = bits
        return [a ^ b, a & b]
    if len(bits) == 3:
        a, b, c = bits
        half = a ^ b
        return [half ^ c, (a & b) | (half & c)]
    a, b, c, d, e = bits
    half = a ^ b
    odd = half ^ (c ^ d)
    return [odd ^ e, (odd & e) | (~odd & d), (a & b) | (half & c)]


def gated_clock(m: Module, name: str, enable: Value) -> Value:
    """Return the clock of `sync`, passed on in cycles that begin with ``enable`` up."""
    clock = Signal(name=name)
    m.submodules[f"{name}_gate"] = Instance(
        CLOCK_GATE, i_clk=ClockSignal(), i_en=enable, o_gclk=clock
    )
    return clock
