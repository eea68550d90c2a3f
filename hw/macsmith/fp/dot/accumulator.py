"""The accumulator's loop: what a beat makes of it, rounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.fp.dot.ranges import acc_base
from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.dot.window import Term, window_sum
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.late_addend import added_late
from macsmith.fp.number.packing import packed
from macsmith.fp.number.rounding import rounded
from macsmith.fp.number.specials import Specials
from macsmith.fp.number.unpack import Unpacked, unpack


class SumOf(Protocol):
    """The sum of a beat and an accumulator, before it is rounded."""

    def __call__(self, m: Module, spec: FpDotSpec, acc: Unpacked) -> tuple[Signal, Exponent]:
        """Return it, and the exponent of its lowest bit."""


@dataclass(frozen=True)
class Beat:
    """What comes of a beat's products.

    Members
    -------
    first
        Whether its packet begins.
    start
        The code that the accumulator starts from.
    specials, all_negative
        What is no number among the products; whether all of them are negative.
    """

    first: Value
    start: Value
    specials: Specials
    all_negative: Value


def next_acc(
    m: Module, spec: FpDotSpec, held: Value, beat: Beat, sum_of: SumOf
) -> Signal:  # fmt: skip
    """Return the accumulator's next code."""
    fmt = spec.acc_format
    assert fmt is not None
    code = Signal(fmt.width, name="acc_before")
    m.d.comb += code.eq(Mux(beat.first, beat.start, held))
    acc = unpack(m, "acc", code, fmt)
    total, lsb = sum_of(m, spec, acc)
    specials = beat.specials.plus(m, "acc_specials", Specials.named(acc.specials))
    # A window forgets signs of zeros, but not of sums that were rounded to it.
    forgets = spec.alignment == "window" and spec.accumulate == "add-then-round"
    zero = Const(0, 1) if forgets else beat.all_negative & acc.negative
    number = rounded(m, "acc_sum", total, lsb, fmt, spec.rounding)
    return packed(m, "acc_next", fmt, spec.nan_code, number, specials, zero)


@dataclass(frozen=True)
class LateSum:
    """Products that are added up already, and the accumulator as if exact."""

    total: Value
    lsb: Exponent

    def __call__(self, m: Module, spec: FpDotSpec, acc: Unpacked) -> tuple[Signal, Exponent]:
        assert spec.acc_format is not None
        return added_late(m, "late", spec, self.total, self.lsb, acc, spec.acc_format)


@dataclass(frozen=True)
class EarlySum:
    """Products that are aligned among themselves, and the accumulator as one more term.

    What the greatest exponent of all is ahead of that of the products, they lag more.
    """

    terms: Sequence[Term]
    exponent: Exponent

    def __call__(self, m: Module, spec: FpDotSpec, acc: Unpacked) -> tuple[Signal, Exponent]:
        fmt = spec.acc_format
        assert fmt is not None
        mine = Exponent(acc.exponent, 0, (1 << fmt.exponent_bits) - 1)
        mine = mine.plus(m, "acc_exponent_of_two", acc_base(fmt))
        low, high = min(mine.low, self.exponent.low), max(mine.high, self.exponent.high)
        some, ahead = Signal(name="acc_some"), Signal(name="acc_ahead")
        greatest = Signal(range(low, high + 1), name="greatest_exponent")
        lag = Signal(range(high - low + 1), name="products_lag")
        acc_lag = Signal(range(high - low + 1), name="acc_lag")
        numbers = Signal(name="products_some")
        m.d.comb += [
            some.eq(acc.significand.any()),
            numbers.eq(Cat(*(term.word.any() for term in self.terms)).any()),
            ahead.eq(some & (~numbers | (mine.value > self.exponent.value))),
            greatest.eq(Mux(ahead, mine.value, self.exponent.value)),
            lag.eq(Mux(ahead, greatest - self.exponent.value, 0)),
            acc_lag.eq(greatest - mine.value),
        ]
        terms = []
        for index, term in enumerate(self.terms):
            both = Signal(1 + max(len(term.lag), len(lag)), name=f"term{index}_lag")
            m.d.comb += both.eq(term.lag + lag)
            terms.append(Term(term.negative, term.word, both, term.integer_bits))
        terms.append(Term(acc.negative, acc.significand, acc_lag, 1))
        return window_sum(m, "window", spec, terms, Exponent(greatest, low, high))
