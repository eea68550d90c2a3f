"""The core that every MAC style shares: product register, accumulator, and their enables.

    act, weight, control -> multiply -> [product] -> accumulate -> [acc]

This is the boundary of Camus et al. (JETCAS 2019): operand registers, mode decoder and serial
sequencer stay outside. The ports carry operand digits and functions of mode and counter only.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from amaranth import Cat, Const, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.adders import add_words
from macsmith.mac.feeder import Feeder, ParallelFeeder
from macsmith.spec import MacSpec, Mode, RegisterGroup

Spec = TypeVar("Spec", bound=MacSpec)


class MacCore(wiring.Component, Generic[Spec]):
    """Multiplier, product register and accumulator of one MAC style.

    Two stages: a product is registered one cycle after its operands, and accumulated one later.
    The registers have no reset; ``first`` makes an accumulator take its product alone.

    Members
    -------
    act : In(act_width)
        Activation, or its digit, as `MacSpec.act_source` arranges it.
    weight : In(weight_width)
        Weight, or its digit.
    control : In(len(spec.control_sets))
        Whether the mode is in each of `MacSpec.control_sets`; absent where a style has none.
    acc_control : In(len(spec.acc_control_sets))
        The same of `MacSpec.acc_control_sets`, at the product's stage.
    step : In(len(spec.step_names))
        The sequencer's flags `MacSpec.step_names`; absent unless the style is serial.
    product_en : In(len(spec.product_groups))
        One enable per group of product bits, at the operands' stage.
    acc_en : In(len(spec.acc_groups))
        One enable per group of accumulator bits, at the product's stage.
    first : In(1)
        Start a new accumulation, at the product's stage.
    acc : Out(spec.acc_width)
        The accumulator.
    """

    act: Signal
    weight: Signal
    control: Signal
    acc_control: Signal
    step: data.View
    product_en: Signal
    acc_en: Signal
    first: Signal
    acc: Signal

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        ports = {
            "act": In(self.act_width),
            "weight": In(self.weight_width),
            "product_en": In(len(spec.product_groups)),
            "acc_en": In(len(spec.acc_groups)),
            "first": In(1),
            "acc": Out(spec.acc_width),
        }
        if spec.control_sets:
            ports["control"] = In(len(spec.control_sets))
        if spec.acc_control_sets:
            ports["acc_control"] = In(len(spec.acc_control_sets))
        if spec.step_names:
            ports["step"] = In(data.StructLayout(dict.fromkeys(spec.step_names, 1)))
        super().__init__(ports)

    @property
    def act_width(self) -> int:
        """Bits of the activation port: the whole register unless a style is serial in it."""
        return len(self.spec.act_source(self.spec.modes[0]))

    @property
    def weight_width(self) -> int:
        """Bits of the weight port: the whole register unless a style is serial in it."""
        return len(self.spec.weight_source(self.spec.modes[0]))

    def feeder(self) -> Feeder:
        """Return the operand registers, and the sequencer of a serial style."""
        return ParallelFeeder(self.spec)

    def when(self, modes: Iterable[Mode]) -> Value:
        """Return whether the mode at the operands' stage is one of ``modes``."""
        return _member(modes, self.spec, self.spec.control_sets, lambda: self.control)

    def acc_when(self, modes: Iterable[Mode]) -> Value:
        """Return whether the mode at the product's stage is one of ``modes``."""
        return _member(modes, self.spec, self.spec.acc_control_sets, lambda: self.acc_control)

    @abstractmethod
    def multiply(self, m: Module, product: Signal) -> Value:
        """Return the next product register; a serial style builds on the present one."""

    def accumulate(self, m: Module, product: Value, kept: Value) -> Value:
        """Return the next accumulator; ``kept`` is the present one, or zero on ``first``."""
        addend = self._without_idle(product)
        sign = product[-1] if self.spec.result_signed else Const(0, 1)
        extended = Cat(addend, sign.replicate(len(kept) - len(addend)))
        return add_words(m, "acc", extended, self._without_idle(kept))[0]

    def _without_idle(self, word: Value) -> Value:
        """Clear the bits below the modes' lowest live bits, so that no carry leaves idle ones."""
        bits = list(word)
        for bit, modes in self.spec.idle_tops.items():
            if bit < len(bits):
                bits[bit] = bits[bit] & self.acc_when(modes)
        return Cat(bits)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        product = Signal(self.spec.product_width, reset_less=True)
        acc = Signal(self.spec.acc_width, reset_less=True)
        kept = Signal(self.spec.acc_width)
        m.d.comb += [kept.eq(acc & ~self.first.replicate(len(acc))), self.acc.eq(acc)]
        _load(m, product, self.multiply(m, product), self.spec.product_groups, self.product_en)
        _load(m, acc, self.accumulate(m, product, kept), self.spec.acc_groups, self.acc_en)
        return m


def _member(
    modes: Iterable[Mode],
    spec: MacSpec,
    sets: Sequence[frozenset[Mode]],
    port: Callable[[], Value],
) -> Value:
    """Return the control bit, its complement or a constant: whether the mode is in ``modes``."""
    wanted, every = frozenset(modes), frozenset(spec.modes)
    if wanted == every or not wanted:
        return Const(bool(wanted), 1)
    if wanted in sets:
        return port()[sets.index(wanted)]
    return ~port()[sets.index(every - wanted)]


def _load(
    m: Module, register: Signal, following: Value, groups: Sequence[RegisterGroup], enables: Value
) -> None:
    """Load each group of register bits while its enable is set."""
    value = Signal(len(register), name=f"{register.name}_next")
    m.d.comb += value.eq(following)
    for group, enable in zip(groups, enables, strict=True):
        with m.If(enable):
            m.d.sync += Cat(register[bit] for bit in group.bits).eq(
                Cat(value[bit] for bit in group.bits)
            )
