"""The self-test compiled to machine code and run to its verdict."""

import numpy as np
from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.boards.expected import Expected
from macsmith.boards.selftest import SelfTest
from macsmith.mac.unit import MacUnit
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.compiled_rtl import CompiledUnit


class Observed(wiring.Component):
    """A self-test with streams: a beat of 1 restarts it, and each verdict comes out once."""

    i: In(stream.Signature(1))
    o: Out(stream.Signature(2))

    def __init__(self, selftest: SelfTest) -> None:
        self.selftest, self.parts = selftest, selftest.parts
        super().__init__()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.selftest = selftest = self.selftest
        taken = Signal()
        m.d.comb += [
            self.i.ready.eq(1),
            selftest.restart.eq(self.i.valid & self.i.payload),
            self.o.payload.eq(selftest.passed + 2 * selftest.failed),
            self.o.valid.eq((selftest.passed | selftest.failed) & ~taken),
        ]
        with m.If(selftest.restart):
            m.d.sync += taken.eq(0)
        with m.Elif(self.o.valid & self.o.ready):
            m.d.sync += taken.eq(1)
        return m


def verdicts(unit: MacUnit, expected: Expected, restarts: list[int], count: int) -> list[str]:
    """Return the verdicts of a self-test that is restarted in the given cycles.

    It is followed for 512 * (20,000 + the last restart) cycles, ten times the slowest run.
    """
    presses = np.zeros((20_000 + max(restarts, default=0), 1), np.uint64)
    presses[restarts] = 1
    compiled = CompiledUnit(to_rtlil(Observed(SelfTest(unit, expected)), "unit"), 1, 2)
    words = compiled.run(presses, count, patience=512 * len(presses))[:, 0]
    return [("none", "green", "red")[int(word)] for word in words]
