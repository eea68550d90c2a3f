"""What the serial styles share: operands cut into digits, taken one a cycle."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.onehot_mux import select
from macsmith.contract.bit_routes import Source
from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.mac.core import MacCore
from macsmith.mac.register_groups import RegisterGroup
from macsmith.mac.spec import MacSpec

DIGITS = (1, 2, 4)

DIGIT_TIME = 3
"""Arrival of the carry out of a digit, in XOR delays."""

Serial = TypeVar("Serial", bound="SerialSpec")


@dataclass(frozen=True, kw_only=True)
class SerialSpec(MacSpec):
    """A style that takes an operand digit by digit, the lowest first.

    A width that is no multiple of the digit is padded at the bottom.

    Parameters
    ----------
    digit:
        Bits of a digit: 1, 2 or 4, and no more than the narrower operand.
    """

    designs: ClassVar[Mapping[str, tuple[Any, ...]]] = {"digit": DIGITS}

    digit: int = 1

    def __post_init__(self) -> None:
        check_int("digit", self.digit, DIGITS)
        super().__post_init__()
        if self.stages == 1:
            raise UserError(
                "stages must be 2 for a serial style, whose product is a running sum that needs "
                "its register, not 1"
            )
        narrow = min(self.act_width, self.weight_width)
        if self.digit > narrow:
            nearest = max(digit for digit in DIGITS if digit <= narrow)
            raise UserError(
                f"digit must not exceed the narrower operand's {narrow} bits, "
                f"not {self.digit}; the nearest is {nearest}"
            )

    def takes_width(self, name: str, width: int) -> bool:
        return width >= self.digit and super().takes_width(name, width)

    def acc_moving(self, mode: Mode) -> Iterable[int]:
        # The low part of the accumulator turns: its live bits pass through every place.
        return self.acc_alive(mode)

    def digits(self, bits: int) -> int:
        """Return the digits that ``bits`` bits take."""
        return -(-bits // self.digit)

    def padded(self, bits: int) -> int:
        """Return ``bits`` rounded up to whole digits."""
        return self.digits(bits) * self.digit

    @property
    @abstractmethod
    def low_width(self) -> int:
        """Bits of the accumulator's low part, whole digits; the rest is its high part."""

    @abstractmethod
    def idle(self, mode: Mode) -> int:
        """Return the low accumulator bits that a mode does not reach, whole digits."""

    def slot_source(self, mode: Mode) -> tuple[int, ...]:
        return tuple(range(self.acc_width - self.acc_bits(mode), self.acc_width))

    def acc_alive(self, mode: Mode) -> Iterable[int]:
        return range(self.idle(mode), self.acc_width)

    @cached_property
    def acc_groups(self) -> tuple[RegisterGroup, ...]:
        low = self.groups(self.low_width, self.acc_alive)
        high = RegisterGroup(tuple(range(self.low_width, self.acc_width)), frozenset(self.modes))
        return (*(replace(group, each_digit=True) for group in low), high)

    @property
    def carry_group(self) -> int:
        """The group of the low part's top digit, which is alive in every mode."""
        return next(
            k for k, group in enumerate(self.acc_groups) if self.low_width - 1 in group.bits
        )

    @cached_property
    def acc_control_sets(self) -> tuple[frozenset[Mode], ...]:
        return self.distinct(self.taps.values())

    @cached_property
    def taps(self) -> dict[int, frozenset[Mode]]:
        """Where the low part of the accumulator has the digit that is due, and in which modes."""
        places = sorted({self.idle(mode) for mode in self.modes})
        return {
            place: frozenset(mode for mode in self.modes if self.idle(mode) == place)
            for place in places
        }

    def digit_source(self, bits: int, width: int) -> tuple[Source, ...]:
        """Route an operand of ``bits`` bits to the low digits of a register for ``width`` bits."""
        padding: list[Source] = [None] * (self.padded(bits) - bits)
        unused: list[Source] = [None] * (self.padded(width) - self.padded(bits))
        return (*padding, *range(bits), *unused)


def lowest_bits(source: Sequence[Source], digit: int) -> set[int]:
    """Return the lowest bit of each digit that is not padding."""
    fed = reversed([place for place, bit in enumerate(source) if bit is not None])
    return set({place // digit: place for place in fed}.values())


def constant_of_mode(
    m: Module, spec: MacSpec, lines: Value, name: str, value: Callable[[Mode], int]
) -> Signal:
    """Return a signal that holds ``value(mode)`` of the mode whose line is up."""
    numbers = [value(mode) for mode in spec.modes]
    chosen = Signal(max(1, max(numbers).bit_length()), name=name)
    bits = [[number >> bit & 1 for bit in range(len(chosen))] for number in numbers]
    m.d.comb += chosen.eq(select(list(lines), bits))
    return chosen


class SerialCore(MacCore[Serial]):
    """Core of a serial MAC: a running product, and an accumulator whose low part turns.

    A product ends digit by digit, the lowest first. Each finished digit is added to the digit of
    the accumulator that is due, which the low part then takes in at its top. The last digit sends
    its carry on to the high part, to which the rest of the product is added at once.

                 finished digit     rest of the product
                       |                    |
        +-- due -----> + ----- carry -----> + <-> high part
        |              |
        +- low part <--+
    """

    @abstractmethod
    def run(self, m: Module, product: Value) -> Value:
        """Return the next running product after the present one."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        product = self.registers(m, platform, "product", spec.product_groups, self.product_en)
        acc = self.registers(m, platform, "accumulator", self._acc_groups(), self.acc_en)
        low, high = acc.word[: spec.low_width], acc.word[spec.low_width : spec.acc_width]
        carry = acc.word[spec.acc_width]

        taps = [list(low[place : place + spec.digit]) for place in spec.taps]
        due = select([self.acc_when(modes) for modes in spec.taps.values()], taps)
        digit = self.heap(m, spec.digit, "digit")
        digit.add_word(due & ~self.first.replicate(spec.digit))
        digit.add_word(product.word[: spec.digit])
        finished, carries = digit.sum_and_carries(carry & ~self.acc_step.load)

        rest = product.word[spec.digit : spec.digit + len(high) - spec.headroom]
        sign = rest[-1] if spec.result_signed else Const(0, 1)
        top = self.heap(m, len(high), "high")
        top.add_word(Cat(rest, sign.replicate(spec.headroom)))
        top.add_word(high & ~self.first.replicate(len(high)))
        following = Cat(
            low[spec.digit :], finished, top.sum_and_carries(carries[-1], DIGIT_TIME)[0]
        )

        product.load(self.run(m, product.word))
        acc.load(Cat(following, carries[-1]))
        m.d.comb += self.acc.eq(Cat(low, high))
        return m

    def _acc_groups(self) -> list[RegisterGroup]:
        """Return the groups of the accumulator and, as its top bit, the carry between digits."""
        groups = list(self.spec.acc_groups)
        top = groups[self.spec.carry_group]
        groups[self.spec.carry_group] = replace(top, bits=(*top.bits, self.spec.acc_width))
        return groups
