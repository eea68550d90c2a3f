"""A MAC unit that checks itself: pseudo-random beats in, a signature of the results, a verdict."""

from amaranth import Cat, Module, Mux, ResetInserter, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.mac.unit import MacUnit

from .expected import Expected
from .lfsr import Lfsr
from .stimulus import LENGTH_BITS, PAUSES, operands, signature_width


class SelfTest(wiring.Component):
    """A unit, its stimulus and the judgement of its results.

    ::

        operand LFSRs --> a, w, last -.
        mode, one after the other ----+-> unit --> signature --> passed, failed
        pause LFSR ----> valid, ready-'

    Each accumulation is in the next mode and is eight beats long on average, often one. Sender and
    receiver each pause in a quarter of the cycles, so that no handshake is optimised away. Results
    enter the signature ``s' = x * s + result modulo x^n + x + 1`` over GF(2); a wrong result always
    changes it, and later ones undo that with a chance of ``2 ** -n``.

    The verdict appears after ``expected.results`` results and stays. A unit that hangs gives none.

    Parameters
    ----------
    unit:
        The unit under test.
    expected:
        Results to wait for, and their signature.

    Members
    -------
    restart : In(1)
        Begin anew; there is no verdict meanwhile. Synchronous.
    passed, failed : Out(1)
        The verdict.
    """

    restart: In(1)
    passed: Out(1)
    failed: Out(1)

    def __init__(self, unit: MacUnit, expected: Expected) -> None:
        self.unit, self.expected = unit, expected
        self.parts = unit.parts
        super().__init__()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.unit.spec
        m.submodules.unit = unit = self.unit
        m.submodules.pauses = pauses = Lfsr(PAUSES)
        registers = [Lfsr(part) for part in operands(spec)]
        for index, register in enumerate(registers):
            m.submodules[f"operands_{index}"] = register
        m.d.comb += pauses.advance.eq(1)

        # Sender.
        beat = unit.i.payload
        valid, sent = Signal(), Signal()
        length = Signal(LENGTH_BITS)
        m.d.comb += [
            unit.i.valid.eq(valid),
            sent.eq(unit.i.valid & unit.i.ready),
            Cat(beat.a, beat.w, length).eq(Cat(register.bits for register in registers)),
            beat.last.eq(length == 0),
            *(register.advance.eq(sent) for register in registers),
        ]
        with m.If(~valid | unit.i.ready):
            m.d.sync += valid.eq(pauses.bits[:2].any())
        if len(spec.modes) > 1:
            mode = Signal(range(len(spec.modes)))
            m.d.comb += beat.mode.eq(mode)
            with m.If(sent & beat.last):
                m.d.sync += mode.eq(Mux(mode == len(spec.modes) - 1, 0, mode + 1))

        # Receiver.
        remaining = Signal(range(self.expected.results + 1), init=self.expected.results)
        signature = Signal(signature_width(spec))
        finished = Signal()
        m.d.comb += [
            unit.o.ready.eq(pauses.bits[2:].any()),
            finished.eq(remaining == 0),
            self.passed.eq(finished & (signature == self.expected.signature)),
            self.failed.eq(finished & (signature != self.expected.signature)),
        ]
        with m.If(unit.o.valid & unit.o.ready & ~finished):
            carry = signature[-1]
            m.d.sync += [
                remaining.eq(remaining - 1),
                signature.eq(Cat(carry, signature[0] ^ carry, signature[1:-1]) ^ unit.o.payload),
            ]
        return ResetInserter(self.restart)(m)
