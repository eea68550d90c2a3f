"""Full and half adder as leaf modules, so that a cell library can supply its own.

A compressor instantiates ``macsmith_fa`` and ``macsmith_ha``; `macsmith.emit` adds the gate-level
bodies below to what it writes, and `macsmith.synth` may replace them by library cells.
"""

from amaranth import Cat, Elaboratable, Instance, Module, Signal, Value
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
        m.d.comb += Cat(self.s, self.co).eq(Cat(adder_gates(self.a, self.b, self.c)))
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
        m.d.comb += Cat(self.s, self.co).eq(Cat(adder_gates(self.a, self.b)))
        return m


LEAVES: dict[str, type[Elaboratable]] = {"macsmith_fa": FullAdder, "macsmith_ha": HalfAdder}
"""The leaf modules by the names under which they are instantiated."""


def add_bits(m: Module, name: str, bits: list[Value], leaf: bool = True) -> tuple[Value, Value]:
    """Return the sum and the carry of two or three bits: of a leaf module, or of gates here."""
    total, carry = Signal(name=f"{name}_s"), Signal(name=f"{name}_co")
    if leaf:
        inputs = {f"i_{port}": bit for port, bit in zip("abc", bits, strict=False)}
        cell = "macsmith_fa" if len(bits) == 3 else "macsmith_ha"
        m.submodules[name] = Instance(cell, **inputs, o_s=total, o_co=carry)
    else:
        m.d.comb += Cat(total, carry).eq(Cat(adder_gates(*bits)))
    return total, carry


def adder_gates(a: Value, b: Value, c: Value | None = None) -> tuple[Value, Value]:
    """Return the sum and the carry of two or three bits as gates; ``c`` comes last."""
    half, both = a ^ b, a & b
    return (half, both) if c is None else (half ^ c, both | (half & c))
