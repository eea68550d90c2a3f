"""The bookkeeping of sums that are kept from one layer of K to the next."""

from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.skew import count, delayed
from macsmith.array.spec import SystolicSpec
from macsmith.rtl.ring import is_at


class Layers(wiring.Component):
    """Whether a step may enter, and what becomes of its sums.

    A tile that is not fresh takes up the kept sums of the tile before, step by step; one that is
    not final leaves its own to the next. So all tiles that add up have equally many steps, at most
    ``depth``. What breaks this is let in, so that nothing waits for ever, and is a fault: its sums
    are wrong.

    Parameters
    ----------
    spec:
        The array.

    Members
    -------
    begins, fresh, final, last : In(1)
        Of the step that would enter: whether it begins its tile, and the flags of its beat.
    accept : In(1)
        It enters.
    ready : Out(1)
        The sums that it takes up are there.
    take, keep : Out(1)
        It enters and takes up kept sums; it enters and leaves sums to keep.
    wrong : Out(1)
        It enters and is a fault.
    """

    begins: In(1)
    fresh: In(1)
    final: In(1)
    last: In(1)
    accept: In(1)
    ready: Out(1)
    take: Out(1)
    keep: Out(1)
    wrong: Out(1)

    def __init__(self, spec: SystolicSpec) -> None:
        self.spec = spec
        super().__init__()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        depth = self.spec.depth
        # Steps whose sums are kept or on their way, and those of them that can be taken up.
        # Both have the width of a step's number, which is compared with what is due.
        due = Signal(range(depth + 2))
        there = Signal(range(depth + 2))
        # Which step of its tile it is, from 1; it stops above all that may be due.
        number = Signal(range(depth + 2), init=1)
        # The memory is written `rows + stages` cycles after a step came in, and read `stages - 1`
        # cycles after the step that takes its sums up did, which must be a cycle later at least.
        written = delayed(m, "keep", self.keep, self.spec.rows + 2)[-1]
        lone = Signal()
        full = Signal()
        m.d.comb += [
            lone.eq(~self.fresh & ~due.any()),
            full.eq(self.fresh & ~self.final & is_at(due, depth)),
            self.ready.eq(self.fresh | there.any() | ~due.any()),
            self.take.eq(self.accept & ~self.fresh & ~lone),
            self.keep.eq(self.accept & ~self.final & ~full),
            self.wrong.eq(
                self.accept
                & (
                    lone | full
                    | (self.begins & self.fresh & due.any())
                    | (self.last & ~self.fresh & ~self.final & (number != due))
                )
            ),
        ]  # fmt: skip
        count(m, due, up=self.keep, down=self.take)
        count(m, there, up=written, down=self.take)
        with m.If(self.accept & self.last):
            m.d.sync += number.eq(1)
        with m.Elif(self.accept & ~number.all()):
            m.d.sync += number.eq(number + 1)
        return m
