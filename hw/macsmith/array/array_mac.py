"""What an array asks of its MACs, whatever they multiply: a specification, and a core."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

from macsmith.contract.bit_routes import Source


class ArrayMac(Protocol):
    """One dot product of a PE: see `macsmith.mac.spec.MacSpec` and `FloatMacSpec`.

    Members
    -------
    arithmetic
        ``integer`` or ``floating``: what models, drawn operands and rules of widths depend on.
    modes
        Its points; of each the array reads ``act_bits`` and ``weight_bits``.
    stages
        Cycles from the operands' registers to the accumulator.
    act_signed, weight_signed, result_signed
        What of the streams is two's complement.
    acc_width
        Bits of the accumulator.
    marks_pauses
        Whether a step of zeros is something, so that PEs are told of pauses.
    control_sets
        The modes in which each line of the core's port ``control`` is up, at the operands' stage.
    acc_control_sets
        Those of ``acc_control``, at the accumulator's.
    product_groups, acc_groups
        Groups of registers, with the modes in which they move.
    """

    @property
    def arithmetic(self) -> str: ...

    @property
    def modes(self) -> tuple[Any, ...]: ...

    @property
    def stages(self) -> int: ...

    @property
    def act_signed(self) -> bool: ...

    @property
    def weight_signed(self) -> bool: ...

    @property
    def result_signed(self) -> bool: ...

    @property
    def rounding(self) -> str: ...

    @property
    def acc_width(self) -> int: ...

    @property
    def marks_pauses(self) -> bool: ...

    @property
    def control_sets(self) -> tuple[frozenset[Any], ...]: ...

    @property
    def acc_control_sets(self) -> tuple[frozenset[Any], ...]: ...

    @property
    def product_groups(self) -> Sequence[Any]: ...

    @property
    def acc_groups(self) -> Sequence[Any]: ...

    def parameters(self) -> dict[str, Any]:
        """Return its parameters."""

    def acc_bits(self, mode: Any, /) -> int:
        """Return the bits of a sum in a mode."""

    def element_products(self, mode: Any, /) -> int:
        """Return the products of an element of the dot product."""

    def element_slots(self, mode: Any, /) -> int:
        """Return its accumulators that are alive."""

    def element_acts(self, mode: Any, /) -> int:
        """Return its activations."""

    def element_weights(self, mode: Any, /) -> int:
        """Return its weights."""

    def element_act_source(self, mode: Any, /) -> tuple[Source, ...]:
        """Return, for each activation bit of the core's element, its bit of the stream's."""

    def element_weight_source(self, mode: Any, /) -> tuple[Source, ...]:
        """Return the same of weights."""

    def slot_source(self, mode: Any, /) -> tuple[int, ...]:
        """Return, for each bit of a sum, its bit of the accumulator."""


ArrayCore: TypeAlias = Any
"""The component of a dot product, whose class depends on the MACs.

Its ports: ``act`` and ``weight``; ``first``, which begins a sum, or ``sum_in``, to which products
are added; ``live`` where the MACs mark pauses and sums stay; ``acc``; and what `ArrayMac` has lines
for. It has ``parts``, ``element_widths``, ``share`` and ``kept_weights`` as
`macsmith.mac.core.MacCore` has them.
"""
