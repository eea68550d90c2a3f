"""Sums that are kept between the layers of K, and come back above the grid."""

from collections.abc import Mapping

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.skew import delayed
from macsmith.array.skewed_fifo import Bank, skewed_banks
from macsmith.array.spec import SystolicSpec
from macsmith.rtl.named_signal import wired
from macsmith.rtl.ring import following

KEPT = "macsmith_kept"
"""The module of its memories."""


class KeptSums(wiring.Component):
    """A ring of ``depth`` steps, one memory a column of PEs.

    Sums go back in the order in which they came, so there are no addresses. Column c is written
    and read c cycles late. The user sees to it that there is room, and that what is read was
    written the cycle before or earlier.

    Parameters
    ----------
    spec:
        The array.

    Members
    -------
    write : In(1)
        Sums of a step to keep leave column 0.
    sums : In
        Sums below the grid, column 0 lowest.
    read : In(1)
        The oldest step's sums are to enter column 0 in the next cycle.
    addend : Out
        What enters above the grid: these sums, else zero.
    """

    write: Signal
    sums: Signal
    read: Signal
    addend: Signal

    def __init__(self, spec: SystolicSpec) -> None:
        self.spec = spec
        self.bank = Bank(spec.a * spec.c * spec.acc_width, spec.depth)
        width = spec.cols * self.bank.width
        super().__init__({"write": In(1), "sums": In(width), "read": In(1), "addend": Out(width)})

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {KEPT: self.bank}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        written = Signal(range(spec.depth))
        taken = Signal(range(spec.depth))
        with m.If(self.write):
            m.d.sync += written.eq(following(written, spec.depth))
        with m.If(self.read):
            m.d.sync += taken.eq(following(taken, spec.depth))
        writes = delayed(m, "write", Cat(self.write, written), spec.cols)
        reads = delayed(m, "read", Cat(self.read, taken), spec.cols + 1)
        words = wired(m, "words", skewed_banks(m, KEPT, self.bank, self.sums, writes, reads[:-1]))
        # A memory goes on showing what was read last.
        shown = [strobe[0].replicate(self.bank.width) for strobe in reads[1:]]
        m.d.comb += self.addend.eq(words & Cat(shown))
        return m
