"""The mean of whole numbers as they come, rounded to nearest: a bit of the quotient a cycle."""

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class RoundedMean(wiring.Component):
    """Adds numbers up, and divides when the last has come: ``floor((2 sum + n) / 2 n)``.

    The mean stands ``width + 2`` cycles after the last number, until it is taken. All numbers of
    the next mean may come meanwhile, none of the one after.

    Parameters
    ----------
    width:
        Bits of a number.
    count_width:
        Bits of how many there are.

    Members
    -------
    add, number, last, flag : In
        A number, whether it is the last, and with that a flag that goes with the mean.
    valid, take : Out(1), In(1)
        Whether the mean stands, and that it is taken.
    mean : Out(width)
        It; 0 if there were too many to count.
    error : Out(1)
        Whether there were, or the flag was set.
    """

    def __init__(self, width: int, count_width: int) -> None:
        self.width, self.count_width = width, count_width
        super().__init__(
            {
                "add": In(1), "number": In(width), "last": In(1), "flag": In(1),
                "valid": Out(1), "take": In(1), "mean": Out(width), "error": Out(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        width, bits = self.width, self.count_width
        total = Signal(width + bits)
        count = Signal(bits + 1)
        flag, whole = Signal(reset_less=True), Signal()
        rest = Signal(bits + 1, reset_less=True)
        divisor = Signal(bits, reset_less=True)
        quotient = Signal(width, reset_less=True)
        left = Signal(range(width + 1))
        busy, loads, too_many = Signal(), Signal(), Signal(reset_less=True)
        m.d.comb += loads.eq(whole & (~busy | self.take))
        with m.If(self.add):
            # A count that is full stays, with its highest bit set.
            m.d.sync += [
                total.eq(Mux(loads, 0, total) + self.number),
                count.eq(Mux(loads, 1, Mux(count[-1], count, count + 1))),
                whole.eq(self.last), flag.eq(self.flag),
            ]  # fmt: skip
        with m.Elif(loads):
            m.d.sync += Cat(total, count, whole).eq(0)
        dividend = Signal(width + bits + 1)
        m.d.comb += dividend.eq((total << 1) + count[:-1])
        with m.If(loads):
            m.d.sync += [
                busy.eq(1), left.eq(width),
                rest.eq(dividend[width:]), quotient.eq(dividend[:width]), divisor.eq(count),
                too_many.eq(count[-1]), self.error.eq(flag | count[-1]),
            ]  # fmt: skip
        with m.Elif(self.take):
            m.d.sync += busy.eq(0)
        moved = Signal(bits + 2)
        apart = Signal(bits + 3)
        m.d.comb += [
            moved.eq(Cat(quotient[-1], rest)),
            apart.eq(moved - Cat(Const(0, 1), divisor)),
        ]
        with m.If(left.any()):
            m.d.sync += [
                left.eq(left - 1), quotient.eq(Cat(~apart[-1], quotient[:-1])),
                rest.eq(Mux(apart[-1], moved, apart)),
            ]  # fmt: skip
        m.d.comb += [
            self.valid.eq(busy & ~left.any()),
            self.mean.eq(quotient & (~too_many).replicate(width)),
        ]
        return m
