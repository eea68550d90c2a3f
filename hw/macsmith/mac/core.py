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

from macsmith.arith.heap import BitHeap, Rows
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
    acc_step : In(len(spec.acc_step_names))
        The flags `MacSpec.acc_step_names`, one step later.
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
    acc_step: data.View
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
        if spec.acc_step_names:
            ports["acc_step"] = In(data.StructLayout(dict.fromkeys(spec.acc_step_names, 1)))
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

    def heap(self, m: Module, width: int, name: str, leaves: bool = False) -> BitHeap:
        """Return an empty heap that adds as the specification says."""
        return BitHeap(
            m,
            width,
            name,
            network=self.spec.adder,
            leaves=leaves,
            operators=self.spec.arith == "operators",
        )

    @abstractmethod
    def elaborate(self, platform: object) -> Module:
        """Return the core's logic."""


class ParallelCore(MacCore[Spec]):
    """Core of a style that takes a product a cycle: what it multiplies, and how it accumulates."""

    @abstractmethod
    def multiply(self, m: Module) -> Rows:
        """Return the next product as rows; the product register holds all their bits."""

    def accumulate(self, m: Module, product: Rows, kept: Value) -> Value:
        """Return the next accumulator; ``kept`` is the present one, or zero on ``first``."""
        heap = self.heap(m, len(kept), "acc")
        heap.add_rows(product)
        heap.add_word(kept)
        return heap.sum()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        acc = Signal(self.spec.acc_width, reset_less=True)
        kept = Signal(self.spec.acc_width)
        m.d.comb += [kept.eq(acc & ~self.first.replicate(len(acc))), self.acc.eq(acc)]
        product = self._register(m, self.multiply(m))
        load(m, acc, self.accumulate(m, product, kept), self.spec.acc_groups, self.acc_en)
        return m

    def _register(self, m: Module, rows: Rows) -> Rows:
        """Return rows through the product register; bits of a column share its enable."""
        enables = {
            bit: enable
            for group, enable in zip(self.spec.product_groups, self.product_en, strict=True)
            for bit in group.bits
        }
        columns = []
        for index, column in enumerate(rows.columns):
            registers = []
            for row, bit in enumerate(column):
                register = Signal(name=f"product_{index}_{row}", reset_less=True)
                with m.If(enables[index]):
                    m.d.sync += register.eq(bit)
                registers.append(register)
            columns.append(tuple(registers))
        return Rows(tuple(columns), rows.constant)


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


def load(
    m: Module, register: Value, following: Value, groups: Sequence[RegisterGroup], enables: Value
) -> None:
    """Load each group of register bits while its enable is set."""
    value = Signal(len(register))
    m.d.comb += value.eq(following)
    for group, enable in zip(groups, enables, strict=True):
        with m.If(enable):
            m.d.sync += Cat(register[bit] for bit in group.bits).eq(
                Cat(value[bit] for bit in group.bits)
            )
