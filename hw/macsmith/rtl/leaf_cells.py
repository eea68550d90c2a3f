"""Adder cells and the clock gate as leaf modules, so that a cell library can supply its own.

In emission a compressor instantiates ``macsmith_fa``, ``macsmith_ha`` and ``macsmith_c42``, a core
with ``clock_gating="cell"`` ``macsmith_clock_gate``; `macsmith.rtl.emit` adds their bodies to what
it writes, and `macsmith.synthesis.yosys_abc` may replace them by library cells. Elsewhere adders
are submodules with bodies, and enables take the place of clock gates.
"""

from collections.abc import Sequence

from amaranth import Cat, ClockSignal, Instance, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.rtl.shared_module import NamedModule

LEAVES = {"macsmith_fa": 3, "macsmith_ha": 2, "macsmith_c42": 5}
"""The leaf modules of adder cells by the names under which they are instantiated: their inputs."""

_NAMES = {inputs: name for name, inputs in LEAVES.items()}


class Adder(wiring.Component):
    """A leaf module that counts the ones among its inputs.

    A half adder has two inputs, ``a + b = s + 2 co``, a full adder three, ``a + b + c = s + 2 co``.
    Five make a 4:2 compressor, ``a + b + c + d + e = s + 2 (co + cx)``, whose ``cx`` is early as it
    does not depend on ``d`` and ``e`` (Weinberger, IBM Technical Disclosure Bulletin, 1981).

    Parameters
    ----------
    inputs:
        How many there are, 2, 3 or 5.

    Members
    -------
    a, b, ... : In(1)
        The summands; the last is the latest to arrive, a carry from the column below.
    s, co, cx : Out(1)
        Sum and carries; ``cx`` with five inputs only.
    """

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        ports = {port: In(1) for port in "abcde"[:inputs]}
        super().__init__(ports | {port: Out(1) for port in _outputs(inputs)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        inputs = [
            getattr(self, port)
            for port, member in self.signature.members.items()
            if member.flow is In
        ]
        outputs = [getattr(self, port) for port in _outputs(self.inputs)]
        m.d.comb += Cat(outputs).eq(Cat(adder_gates(inputs)))
        return m


def _outputs(inputs: int) -> tuple[str, ...]:
    return ("s", "co", "cx") if inputs == 5 else ("s", "co")


CLOCK_GATE = "macsmith_clock_gate"
"""The leaf module of a clock gate: ``gclk`` follows ``clk`` in cycles that begin with ``en`` up."""


def add_bits(
    m: Module, name: str, bits: Sequence[Value], leaf: bool = True, majority: bool = False
) -> list[Value]:
    """Return sum and carries of two, three or five bits, of a leaf module or of gates here.

    A carry counts twice; of five bits there are two, the later one first. With ``majority`` three
    bits are added by gates here, and the carry does not wait for an XOR.
    """
    ports = _outputs(len(bits))
    outputs = [Signal(name=f"{name}_{port}") for port in ports]
    if majority and len(bits) == 3:
        a, b, c = bits
        m.d.comb += Cat(outputs).eq(Cat((a ^ b) ^ c, (a & b) | ((a | b) & c)))
    elif leaf:
        inputs = {f"i_{port}": bit for port, bit in zip("abcde", bits, strict=False)}
        outs = {f"o_{port}": signal for port, signal in zip(ports, outputs, strict=True)}
        m.submodules[name] = NamedModule(
            _NAMES[len(bits)], inputs | outs, lambda _: _counting(bits, outputs)
        )
    else:
        m.d.comb += Cat(outputs).eq(Cat(adder_gates(bits)))
    return list(outputs)


def _counting(bits: Sequence[Value], outputs: Sequence[Signal]) -> Module:
    """Return the body of a leaf module that is not instantiated by name."""
    m = Module()
    m.d.comb += Cat(outputs).eq(Cat(adder_gates(bits)))
    return m


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
    """Return the clock of `sync`, passed on in cycles that begin with ``enable`` up.

    For emission alone: Amaranth has no latch to hold the enable with, and in its simulator a clock
    that passes logic comes after the registers that `sync` clocks have changed.
    """
    clock = Signal(name=name)
    m.submodules[f"{name}_gate"] = Instance(
        CLOCK_GATE, i_clk=ClockSignal(), i_en=enable, o_gclk=clock
    )
    return clock
