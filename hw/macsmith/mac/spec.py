"""What a MAC unit is: the layouts and registers that follow from its parameters."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from macsmith.contract.bit_routes import Source, repeated
from macsmith.contract.modes import Mode
from macsmith.contract.stream import LAST, POINT, Field, Layout
from macsmith.mac.bit_matrix import BitMatrix, routed_matrix
from macsmith.mac.parameters import MacParameters
from macsmith.mac.register_groups import RegisterGroup, clocked, grouped


def precision_facts(spec: Any, mode: Mode) -> dict[str, Any]:
    """Return what listings and records say of a mode of a unit that multiplies and accumulates."""
    products, acc_bits = spec.products(mode), spec.acc_bits(mode)
    bits = spec.act_lanes(mode) * mode.act_bits + spec.weight_lanes(mode) * mode.weight_bits
    return {
        "macs_per_cycle": spec.macs_per_cycle(mode),
        "cycles_per_result": spec.cycles(mode),
        "products": products,
        "slots": spec.slots(mode),
        "acc_bits": acc_bits,
        "input_bits_per_mac": bits / products,
        "output_bits_per_mac": spec.slots(mode) * acc_bits / products,
    }


@dataclass(frozen=True, kw_only=True)
class MacSpec(MacParameters):
    """A precision-scalable multiply-accumulate unit: what follows from its parameters.

    A style states what an element multiplies, and how the core of a row stores it.
    """

    arithmetic: ClassVar[str] = "integer"
    """What golden models and tools tell from floating point."""

    marks_pauses: ClassVar[bool] = False
    """Whether a step of zeros is something, so that an array tells its PEs of pauses."""

    # What one element of a dot product is: a multiplier, perhaps cut into lanes.

    def element_products(self, mode: Mode) -> int:
        """Return the products of an element."""
        return 1

    def element_slots(self, mode: Mode) -> int:
        """Return the accumulators that are alive; the products of a slot are summed."""
        return 1

    def element_acts(self, mode: Mode) -> int:
        """Return the activations of an element."""
        return self.element_products(mode)

    def element_weights(self, mode: Mode) -> int:
        """Return the weights of an element."""
        return self.element_products(mode)

    # What a beat of the unit's streams holds. Operands are in natural order, lane 0 lowest; the
    # lanes of an element are neighbours, and so are the elements of a row.

    def products(self, mode: Mode) -> int:
        """Return the products of one input beat."""
        return self.rows * self.length * self.element_products(mode)

    def slots(self, mode: Mode) -> int:
        """Return the accumulators of all rows."""
        return self.rows * self.element_slots(mode)

    def act_lanes(self, mode: Mode) -> int:
        """Return the activations of one input beat."""
        return self.length * self.element_acts(mode)

    def weight_lanes(self, mode: Mode) -> int:
        """Return the weights of one input beat."""
        return self.rows * self.length * self.element_weights(mode)

    def weight_field_bits(self, mode: Mode) -> int:
        """Return the bits of a weight in the stream; fewer than its own if it comes encoded."""
        return mode.weight_bits

    @property
    def weight_format(self) -> str:
        """What a weight is in the stream: a whole number, or a code."""
        return "integer"

    @property
    def growth(self) -> int:
        """Bits by which the sum over a dot product's elements exceeds one of them."""
        return (self.length - 1).bit_length()

    # What tools ask of a unit.

    @property
    def points(self) -> tuple[Mode, ...]:
        return self.modes

    def operations(self, point: Mode) -> int:
        return self.products(point)

    def macs_per_cycle(self, mode: Mode) -> float:
        """Return the products per clock in steady state."""
        return self.operations_per_cycle(mode)

    def latency(self, point: Mode) -> int:
        """Return the cycles from a last beat's transfer to its result's first valid cycle."""
        return self.cycles(point) + self.stages

    def inputs(self, point: Mode) -> Mapping[str, Layout]:
        """Return the stream ``i``: activations, weights, the mode's index, and last."""
        act = Field("a", 0, point.act_bits, self.act_lanes(point), self.act_signed)
        weight = Field(
            "w", self.act_port_width, self.weight_field_bits(point), self.weight_lanes(point),
            self.weight_signed, format=self.weight_format,
        )  # fmt: skip
        used, index_bits = self.act_port_width + self.weight_port_width, self.index_bits
        steering = [Field("mode", used, index_bits, role=POINT)] if index_bits else []
        last = Field("last", used + index_bits, 1, role=LAST)
        return {"i": Layout(used + index_bits + 1, (act, weight, *steering, last))}

    def outputs(self, point: Mode) -> Mapping[str, Layout]:
        """Return the stream ``o``: the accumulators, slot 0 lowest."""
        acc = Field(
            "acc", 0, self.acc_bits(point), self.slots(point), self.result_signed,
            top=self.result_width,
        )  # fmt: skip
        return {"o": Layout(self.result_width, (acc,))}

    def facts(self, point: Mode) -> Mapping[str, Any]:
        return precision_facts(self, point)

    @property
    def index_bits(self) -> int:
        """Bits of the mode's index in the input stream; a unit of one mode has none."""
        return (len(self.modes) - 1).bit_length()

    @property
    def result_signed(self) -> bool:
        """Whether accumulators are two's complement: unless both operands are unsigned."""
        return self.act_signed or self.weight_signed

    def acc_bits(self, mode: Mode) -> int:
        """Return the bits of one accumulator, headroom included."""
        summed = self.products(mode) // self.slots(mode)
        return mode.act_bits + mode.weight_bits + (summed - 1).bit_length() + self.headroom

    @cached_property
    def act_port_width(self) -> int:
        """Bits of the unit's activation field."""
        return max(self.act_lanes(mode) * mode.act_bits for mode in self.modes)

    @cached_property
    def weight_port_width(self) -> int:
        """Bits of the unit's weight field."""
        return max(self.weight_lanes(mode) * self.weight_field_bits(mode) for mode in self.modes)

    @cached_property
    def result_width(self) -> int:
        """Bits of the unit's output payload."""
        return max(self.slots(mode) * self.acc_bits(mode) for mode in self.modes)

    # How the core of a row stores it. Each style states these.

    @abstractmethod
    def element_act_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each bit of an element's activation register, its bit of the field."""

    @abstractmethod
    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each bit of an element's weight register, its bit of the field."""

    @abstractmethod
    def slot_source(self, mode: Mode) -> tuple[int, ...]:
        """Return, for each result bit of a row's alive slots, its bit of the accumulator."""

    @property
    @abstractmethod
    def product_width(self) -> int:
        """Bits of the product register."""

    @property
    @abstractmethod
    def acc_width(self) -> int:
        """Bits of the accumulator register."""

    def product_alive(self, mode: Mode) -> Iterable[int]:
        """Return the bits of the product register that are clocked."""
        return range(self.product_width)

    def acc_alive(self, mode: Mode) -> Iterable[int]:
        """Return the bits of the accumulator that are clocked."""
        return range(self.acc_width)

    def acc_moving(self, mode: Mode) -> Iterable[int]:
        """Return the bits of the accumulators that may change: those of the result."""
        return self.acc_source(mode)

    # What a mode keeps alive in an element, for those who draw it.

    def bit_matrix(self, mode: Mode) -> BitMatrix:
        """Return which operand pair each partial product of an element serves."""
        return routed_matrix(
            self.element_act_source(mode),
            self.element_weight_source(mode),
            mode,
            (self.element_acts(mode), self.element_weights(mode)),
            self.element_products(mode),
            self.weight_field_bits(mode),
        )

    def product_slots(self, mode: Mode) -> dict[int, int]:
        """Return the slot that each clocked bit of the product register belongs to."""
        return dict.fromkeys(clocked(self.product_groups, mode), 0)

    @property
    def free_running(self) -> bool:
        """Whether the core's registers have no enables: then operands are zero between beats."""
        return False

    # The registers of all rows.

    def act_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each bit of the activation register, its bit of the activation field."""
        pitch = self.element_acts(mode) * mode.act_bits
        return repeated(self.element_act_source(mode), self.length, pitch)

    def weight_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each bit of the weight register, its bit of the weight field."""
        pitch = self.element_weights(mode) * self.weight_field_bits(mode)
        return repeated(self.element_weight_source(mode), self.rows * self.length, pitch)

    def acc_source(self, mode: Mode) -> tuple[int, ...]:
        """Return, for each result bit of the alive slots, its bit of the accumulators."""
        places = self.slot_source(mode)
        return tuple(row * self.acc_width + place for row in range(self.rows) for place in places)

    @cached_property
    def control_sets(self) -> tuple[frozenset[Mode], ...]:
        """Sets of modes of which the multiplier must know whether the present one is a member."""
        return ()

    @cached_property
    def acc_control_sets(self) -> tuple[frozenset[Mode], ...]:
        """Sets of modes that the accumulator must know of, at its own stage."""
        return ()

    @property
    def step_names(self) -> tuple[str, ...]:
        """Flags that the sequencer of a serial style gives its core in each cycle."""
        return ()

    @property
    def acc_step_names(self) -> tuple[str, ...]:
        """Those of `step_names` that the accumulator must know of, at its own stage."""
        return ()

    def distinct(self, sets: Iterable[Iterable[Mode]]) -> tuple[frozenset[Mode], ...]:
        """Return ``sets`` without those that are empty, full, equal, or another's complement."""
        every = frozenset(self.modes)
        kept: dict[frozenset[Mode], None] = {}
        for candidate in map(frozenset, sets):
            if candidate and candidate != every and every - candidate not in kept:
                kept[candidate] = None
        return tuple(kept)

    @cached_property
    def product_groups(self) -> tuple[RegisterGroup, ...]:
        """Enable groups of the product register, none if there is no such register."""
        if self.stages == 1:
            return ()
        return self.groups(self.product_width, self.product_alive)

    @cached_property
    def acc_groups(self) -> tuple[RegisterGroup, ...]:
        """Enable groups of the accumulator."""
        return self.groups(self.acc_width, self.acc_alive)

    def groups(
        self, width: int, alive: Callable[[Mode], Iterable[int]]
    ) -> tuple[RegisterGroup, ...]:
        """Return the groups of a register; one of all bits if nothing stops idle ones."""
        if self.clock_gating == "none":
            return (RegisterGroup(tuple(range(width)), frozenset(self.modes)),)
        return grouped(self.modes, width, alive)
