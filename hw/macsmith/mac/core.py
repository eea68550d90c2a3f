"""The core that every MAC style shares: product register, accumulator, and their enables.

    act, weight, control -> multiply -> [product] -> accumulate -> [acc]

This is the boundary of Camus et al. (JETCAS 2019): operand registers, mode decoder and serial
sequencer stay outside. The ports carry operand digits and functions of mode and counter only.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import ClassVar, Generic, TypeVar

from amaranth import Cat, Const, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.bit_heap import BitHeap, Rows
from macsmith.arith.compressor_tree import Bit
from macsmith.contract.modes import Mode
from macsmith.mac.clock_gated_register import Registers
from macsmith.mac.operand_registers import Feeder, ParallelFeeder, split
from macsmith.mac.register_groups import RegisterGroup
from macsmith.mac.spec import MacSpec
from macsmith.rtl.shared_module import by_name, instance

Spec = TypeVar("Spec", bound=MacSpec)


class MacCore(wiring.Component, Generic[Spec]):
    """Multiplier, product register and accumulator of one MAC style.

    Two stages: a product is registered one cycle after its operands, and accumulated one later.
    With ``stages=1`` there is no product register, and its stage is that of the operands.
    The registers have no reset; ``first`` makes an accumulator take its product alone.

    Members
    -------
    act : In
        Activations, or their digits, as `MacSpec.act_source` arranges them.
    weight : In
        Weights, or their digits.
    control : In(len(spec.control_sets))
        Whether the mode is in each of `MacSpec.control_sets`; absent where a style has none.
    acc_control : In(len(spec.acc_control_sets))
        The same of `MacSpec.acc_control_sets`, at the product's stage.
    step : In(len(spec.step_names))
        The sequencer's flags `MacSpec.step_names`; absent unless the style is serial.
    acc_step : In(len(spec.acc_step_names))
        The flags `MacSpec.acc_step_names`, one step later.
    product_en : In(len(spec.product_groups))
        One enable per group of product bits, at the operands' stage; absent with one stage.
    acc_en : In(len(spec.acc_groups))
        One enable per group of accumulator bits, at the product's stage. Neither is there where
        registers run free: then operands are zero, and ``first`` is low, if there is no beat.
    first : In(1)
        Start a new accumulation, at the product's stage.
    acc : Out(spec.rows * spec.acc_width)
        The accumulators, row 0 lowest.
    """

    feeder_type: ClassVar[type[Feeder]] = ParallelFeeder
    """The operand registers, and the sequencer of a serial style."""

    product_a_cycle: ClassVar[bool] = False
    """Whether it takes a product each cycle, as arrays want of their MACs."""

    clocked: ClassVar[bool] = True
    """Whether there are registers."""

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
        super().__init__(self.ports)

    @property
    def ports(self) -> dict[str, wiring.Member]:
        """The members, in order."""
        spec = self.spec
        act_width, weight_width = self.element_widths
        ports: dict[str, wiring.Member] = {
            "act": In(spec.length * act_width),
            "weight": In(spec.rows * spec.length * weight_width),
            **({} if spec.free_running else {"acc_en": In(len(spec.acc_groups))}),
            **self.kept_ports,
            "acc": Out(spec.rows * spec.acc_width),
        }
        if spec.product_groups and not spec.free_running:
            ports["product_en"] = In(len(spec.product_groups))
        if spec.control_sets:
            ports["control"] = In(len(spec.control_sets))
        if spec.acc_control_sets:
            ports["acc_control"] = In(len(spec.acc_control_sets))
        if spec.acc_step_names:
            ports["acc_step"] = In(data.StructLayout(dict.fromkeys(spec.acc_step_names, 1)))
        if spec.step_names:
            ports["step"] = In(data.StructLayout(dict.fromkeys(spec.step_names, 1)))
        return ports

    @property
    def element_widths(self) -> tuple[int, int]:
        """Bits of an element's activation and weight: all, unless a style is serial in them."""
        mode = self.spec.modes[0]
        acts = self.spec.element_act_source(mode)
        return len(acts), len(self.spec.element_weight_source(mode))

    @property
    def kept_ports(self) -> Mapping[str, wiring.Member]:
        """Ports that decide what a product is added to."""
        return {"first": In(1)}

    def elements(self) -> Iterator[tuple[Value, Value]]:
        """Yield the activation and the weight of each element of the dot product."""
        act_width, weight_width = self.element_widths
        return zip(split(self.act, act_width), split(self.weight, weight_width), strict=True)

    @classmethod
    def sharing(cls, spec: Spec) -> "type[MacCore[Spec]]":
        """Return the core that takes activations as `share` gives them."""
        return cls

    def share(self, m: Module, name: str, acts: Sequence[Value]) -> list[Value]:
        """Return what is made once of activations that several cores multiply."""
        return list(acts)

    def kept_weights(self, m: Module, weights: Sequence[Value]) -> list[Value]:
        """Return what registers hold of weights that come in a stream, an element's each."""
        return list(weights)

    def feeder(self) -> Feeder:
        """Return the operand registers, and the sequencer of a serial style."""
        return self.feeder_type(self.spec, self.element_widths)

    @property
    def parts(self) -> Mapping[str, "MacCore[Spec]"]:
        """Components that are instantiated by module name, so that each is written once."""
        return {}

    def when(self, modes: Iterable[Mode]) -> Value:
        """Return whether the mode at the operands' stage is one of ``modes``."""
        return _member(modes, self.spec, self.spec.control_sets, lambda: self.control)

    def acc_when(self, modes: Iterable[Mode]) -> Value:
        """Return whether the mode at the product's stage is one of ``modes``."""
        return _member(modes, self.spec, self.spec.acc_control_sets, lambda: self.acc_control)

    def partial_product(
        self, act: Value, weight: Value, alive: frozenset[Mode], negative: frozenset[Mode]
    ) -> Value:
        """Return a product of two bits, zero but in modes ``alive``, inverted in ``negative``.

        The operand is gated, not the product, so that an idle partial product rests.
        """
        return ((act & self.when(alive)) & weight) ^ self.when(negative)

    def heap(self, m: Module, width: int, name: str, leaves: bool = False) -> BitHeap:
        """Return an empty heap that adds as the specification says."""
        return BitHeap(
            m,
            width,
            name,
            network=self.spec.adder,
            leaves=leaves,
            wide=self.spec.compressor == "4:2",
            operators=self.spec.arith == "operators",
            by_cells=self.spec.timing == "cells",
            full_adder=self.spec.full_adder,
            stages=self.spec.compressor == "dadda",
        )

    def registers(
        self,
        m: Module,
        platform: object,
        name: str,
        groups: Sequence[RegisterGroup],
        enables: Value | None,
    ) -> Registers:
        """Return a register whose groups stop as the specification says.

        Clock gates are cells by name; where a platform takes none, enables do the same.
        """
        gate_cells = self.spec.clock_gating == "cell" and by_name(platform)
        return Registers(m, name, groups, enables, gate_cells)

    @abstractmethod
    def elaborate(self, platform: object) -> Module:
        """Return the core's logic."""


class ParallelCore(MacCore[Spec]):
    """Core of a style that takes a product a cycle: what it multiplies, and how it accumulates."""

    product_a_cycle = True

    @abstractmethod
    def multiply(self, m: Module) -> Rows:
        """Return the next product as rows; the product register holds all their bits."""

    def kept(self, acc: Registers) -> Value:
        """Return what a product is added to: the accumulator, or zero on ``first``."""
        return acc.unless(self.first)

    def accumulate(self, m: Module, product: Rows, kept: Value) -> Value:
        """Return the next accumulator, the sum of ``kept`` and a product."""
        # Without a product register the products themselves are in this heap.
        heap = self.heap(m, len(kept), "acc", leaves=self.spec.stages == 1)
        heap.add_rows(product)
        heap.add_word(kept)
        return heap.sum()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        enables = None if spec.free_running else self.acc_en
        acc = self.registers(m, platform, "accumulator", spec.acc_groups, enables)
        kept = Signal(spec.acc_width)
        m.d.comb += [kept.eq(self.kept(acc)), self.acc.eq(acc.word)]
        product = self.multiply(m)
        if spec.stages == 2:
            product = self._registered(m, platform, product)
        acc.load(self.accumulate(m, product, kept))
        return m

    def _registered(self, m: Module, platform: object, rows: Rows) -> Rows:
        """Return rows through the product register; bits of a column share its enable."""
        bits = [bit.value for column in rows.columns for bit in column]
        ends = list(accumulate((len(column) for column in rows.columns), initial=0))
        groups = [
            RegisterGroup(
                tuple(place for bit in group.bits for place in range(ends[bit], ends[bit + 1])),
                group.modes,
            )
            for group in self.spec.product_groups
        ]
        enables = None if self.spec.free_running else self.product_en
        product = self.registers(m, platform, "product", groups, enables)
        product.load(Cat(bits))
        columns = [
            tuple(Bit(0, value) for value in product.bits[low:high]) for low, high in pairwise(ends)
        ]
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


class MatrixCore(MacCore[Spec]):
    """Core of several dot products that share the activations, one core a row.

    Parameters
    ----------
    spec:
        The unit, with two rows or more.
    core:
        The component of a row.
    """

    def __init__(self, spec: Spec, core: type[MacCore[Spec]]) -> None:
        row = core.sharing(spec)
        self.shares = row is not core
        self.row = row(replace(spec, rows=1))
        super().__init__(spec)

    @property
    def element_widths(self) -> tuple[int, int]:
        act, weight = self.row.element_widths
        if self.shares:
            # What the rows take of an activation is made here.
            act = len(self.spec.element_act_source(self.spec.modes[0]))
        return act, weight

    @property
    def parts(self) -> Mapping[str, MacCore[Spec]]:
        return {"macsmith_row": self.row}

    def feeder(self) -> Feeder:
        return self.row.feeder_type(self.spec, self.element_widths)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        members = self.signature.members
        own = ["weight", *(name for name, port in members.items() if port.flow is Out)]
        shared: dict[str, Value] = {}
        if self.shares:
            acts = split(self.act, self.element_widths[0])
            shared["act"] = Cat(self.row.share(m, "shared", acts))
        common = {name: getattr(self, name) for name in members if name not in (*own, *shared)}
        for index in range(self.spec.rows):
            ports = {
                name: getattr(self, name).word_select(index, len(getattr(self.row, name)))
                for name in own
            }
            m.submodules[f"row_{index}"] = instance(
                "macsmith_row", self.row, **common, **ports, **shared
            )
        return m
