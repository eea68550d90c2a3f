"""The tensor PE: a block of activations by a block of weights each cycle."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from amaranth import Cat, Const, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.array_mac import ArrayCore
from macsmith.array.pe.operand_tags import operands_of
from macsmith.array.spec import SystolicSpec
from macsmith.mac.operand_registers import split
from macsmith.rtl.shared_module import instance

STAGED = ("acc_control", "acc_en")
"""Ports of a core that belong to the product's stage."""


class Pe(wiring.Component):
    """What the PEs of all dataflows share: ports, and ``a x c`` dot products of ``b`` elements.

    Members
    -------
    act_in, act_out : a * act_words operands
        Activations, row by row.
    weight_in, weight_out : c * weight_words operands
        Weights, column by column.
    control_in, control_out : control_layout
        What travels to the right with the operands.
    sum_in, sum_out : a * c accumulators
        Sums, row by row.
    """

    act_in: Signal
    act_out: Signal
    weight_in: Signal
    weight_out: Signal
    control_in: data.View
    control_out: data.View
    sum_in: Signal
    sum_out: Signal

    right: tuple[str, ...] = ()
    """What passes to the right: ``X_in`` from the left neighbour's ``X_out``."""

    down: tuple[str, ...] = ()
    """What passes down."""

    left: tuple[str, ...] = ()
    """What passes to the left; a zero comes in at the right end."""

    bottom: tuple[str, ...] = ()
    """What of `down` leaves the grid at its bottom."""

    def __init__(self, spec: SystolicSpec) -> None:
        self.spec, self.operands = spec, operands_of(spec)
        self.core: ArrayCore = spec.core()
        _, weight_width = self.core.element_widths
        self.act_element = spec.act_field_bits + self.operands.act_tag
        self.weight_element = weight_width + self.operands.weight_tag
        ports: dict[str, wiring.Member] = {}
        for name, shape in (
            ("act", spec.a * spec.zeros.act_words * self.act_element),
            ("weight", spec.c * spec.zeros.weight_words * self.weight_element),
            ("control", self.control_layout),
            ("sum", spec.a * spec.c * spec.acc_width),
        ):
            ports |= {f"{name}_in": In(shape), f"{name}_out": Out(shape)}
        super().__init__(ports)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {"macsmith_dot": self.core, **self.core.parts}

    @property
    @abstractmethod
    def control_layout(self) -> data.StructLayout:
        """Layout of what travels along."""

    def width(self, name: str) -> int:
        """Return the bits of what comes in as ``name_in``."""
        return Value.cast(getattr(self, f"{name}_in")).shape().width

    def dots(
        self, m: Module, act: Value, weight: Value, ports: Callable[[int], Mapping[str, Value]]
    ) -> Value:
        """Add the dot products and return their accumulators, row by row.

        ``ports(k)`` are those of the k-th core beside operands, accumulator and enables.
        """
        spec = self.spec
        acts = [
            self._shared(m, f"row_{row}", split(words, self.act_element))
            for row, words in enumerate(split(act, spec.zeros.act_words * self.act_element))
        ]
        weights = split(weight, spec.zeros.weight_words * self.weight_element)
        return Cat(
            self._dot(m, f"{row}_{col}", act_row, weight_col, ports(row * spec.c + col))
            for row, act_row in enumerate(acts)
            for col, weight_col in enumerate(weights)
        )

    def _shared(self, m: Module, name: str, acts: Sequence[Value]) -> Sequence[Value]:
        """Return the activations of a row as all of its dot products take them, with tags."""
        if not self.spec.shares_acts:
            return acts
        width = self.spec.act_field_bits
        made = self.core.share(m, name, [act[:width] for act in acts])
        return [Cat(word, act[width:]) for word, act in zip(made, acts, strict=True)]

    def _dot(
        self,
        m: Module,
        name: str,
        acts: Sequence[Value],
        weights: Value,
        others: Mapping[str, Value],
    ) -> Value:
        """Add a dot product and return its accumulator."""
        pairs = self.operands.pairs(m, f"dot_{name}", acts, split(weights, self.weight_element))
        acc = Signal(self.spec.acc_width, name=f"acc_{name}")
        ports = dict(others) | {
            "act": Cat(act for act, _ in pairs),
            "weight": Cat(weight for _, weight in pairs),
            "acc": acc,
        }
        for enables in ("product_en", "acc_en"):
            if enables not in ports and enables in self.core.signature.members:
                ports[enables] = Const(-1, len(getattr(self.core, enables)))
        m.submodules[f"dot_{name}"] = instance("macsmith_dot", self.core, **ports)
        return acc


class TensorPe(Pe):
    """The PE of the output-stationary array: accumulators, which drain to the left.

        act_in -> [act] -> act_out         weight_in -> [weight] -> weight_out
        sums: [acc] -> [sum] -> sum_out, which also passes on what comes in at sum_in

    ``acc += act * weight`` each cycle, where ``act`` is ``a x b`` and ``weight`` is ``b x c``.
    When ``first`` comes along with the operands, the accumulators begin anew with these, and what
    they held moves to the sum registers, from where it leaves while the next tile is computed. At
    that moment ``sum_in`` must be zero: see `SystolicSpec.tile_interval`. An idle cycle is one
    with activations of zero. With several modes, where sums of a mode end before a beat of the
    next begins, ``done`` says when sums move. Of joint density bounds ``fresh`` comes along with
    weights that are new; these stay while the activations of their block pass. MACs to which a
    step of zeros is something are told by ``live`` that there is one.
    """

    right = ("act", "control")
    down = ("weight",)
    left = ("sum",)

    @property
    def mode_ports(self) -> dict[str, int]:
        """The ports of a core that depend on the mode, and their widths."""
        return {name: len(sets) for name, sets in self.spec.control_sets.items()}

    @property
    def control_layout(self) -> data.StructLayout:
        """Layout of what travels along: whether a tile begins, and the lines of its mode."""
        done = {"done": 1} if len(self.spec.mac.modes) > 1 else {}
        fresh = {"fresh": 1} if self.spec.zeros.serial_acts else {}
        live = {"live": 1} if self.spec.mac.marks_pauses else {}
        return data.StructLayout({"first": 1} | done | fresh | live | self.mode_ports)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        act = Signal.like(self.act_in, reset_less=True)
        weight = Signal.like(self.weight_in, reset_less=True)
        control: Any = Signal(self.control_layout)
        self.operands.load(m, act, self.act_in, self.act_element)
        with m.If(self.control_in.fresh) if spec.zeros.serial_acts else nullcontext():
            self.operands.load(m, weight, self.weight_in, self.weight_element)
        m.d.sync += control.eq(self.control_in)
        m.d.comb += [
            self.act_out.eq(act),
            self.weight_out.eq(weight),
            self.control_out.eq(control),
        ]
        added: Any = control
        for stage in range(2, spec.mac.stages + 1):
            earlier, added = (
                added,
                Signal(self.control_layout, name="added" if stage == 2 else f"added{stage}"),
            )
            m.d.sync += added.eq(earlier)
        mode = {name: (added if name in STAGED else control)[name] for name in self.mode_ports}
        steps = {"live": control.live} if spec.mac.marks_pauses else {}
        accs = self.dots(m, act, weight, lambda _: mode | {"first": added.first} | steps)
        held = Signal.like(self.sum_in, reset_less=True)
        done = added.done if len(spec.mac.modes) > 1 else added.first
        finished = accs & done.replicate(len(held))
        m.d.sync += held.eq(finished | self.sum_in)
        m.d.comb += self.sum_out.eq(held)
        return m
