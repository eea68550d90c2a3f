"""Divide and conquer: what its styles share. Operands are digits, bricks multiply two of them."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from amaranth import Const, Module, Mux, Signal, Value

from macsmith.arith.partial_products import add_product
from macsmith.contract.modes import Mode
from macsmith.mac.core import ParallelCore
from macsmith.mac.parallel.halving import LevelsSpec

Choices = Sequence[tuple[Value, frozenset[Mode]]]
"""Values to choose from, each with its modes; in a mode that none names, any will do."""


@dataclass(frozen=True, kw_only=True)
class DncSpec(LevelsSpec):
    """Bricks of an activation digit by a weight digit, joined over the lanes of a mode.

    At full precision brick (i, j) multiplies digits i and j of one operand pair and counts
    ``2^(i pa + j pw)``. A style that cuts the weight alone has one activation digit.
    """

    def act_level(self, mode: Mode) -> int:
        return super().act_level(mode) if "act_width" in self.cut_widths else 0

    def lane_widths(self, mode: Mode) -> tuple[int, int]:
        """Return the bits of an activation lane and of a weight lane."""
        return self.act_width >> self.act_level(mode), self.weight_width >> self.weight_level(mode)

    @property
    def brick_counts(self) -> tuple[int, int]:
        """Digits of a full activation and of a full weight."""
        return self.digits if "act_width" in self.cut_widths else 1, self.digits

    @property
    def digit_widths(self) -> tuple[int, int]:
        """Bits of an activation digit and of a weight digit."""
        acts, weights = self.brick_counts
        return self.act_width // acts, self.weight_width // weights

    def lane_digits(self, mode: Mode) -> tuple[int, int]:
        """Return the digits of an activation lane and of a weight lane."""
        acts, weights = self.brick_counts
        return acts >> self.act_level(mode), weights >> self.weight_level(mode)

    def act_top(self, i: int) -> frozenset[Mode]:
        """Return the modes in which activation digits of brick row ``i`` carry a sign."""
        return self._tops(i, 0) if self.act_signed else frozenset()

    def weight_top(self, j: int) -> frozenset[Mode]:
        """Return the modes in which weight digits of brick column ``j`` carry a sign."""
        return self._tops(j, 1) if self.weight_signed else frozenset()

    def _tops(self, place: int, operand: int) -> frozenset[Mode]:
        """Return the modes in which a digit's place is the top of its lane."""
        return frozenset(
            mode for mode in self.modes if (place + 1) % self.lane_digits(mode)[operand] == 0
        )

    def brick_sign_sets(self) -> list[frozenset[Mode]]:
        """Return the sets of modes that decide the signs of digits, bricks and their sums."""
        acts, weights = map(range, self.brick_counts)
        return [
            *map(self.act_top, acts),
            *map(self.weight_top, weights),
            *(self.act_top(i) | self.weight_top(j) for i in acts for j in weights),
            *(self.act_top(i) ^ self.weight_top(j) for i in acts for j in weights),
        ]


Spec = TypeVar("Spec", bound=DncSpec)
Place = TypeVar("Place", bound=Hashable)


class DncCore(ParallelCore[Spec]):
    """Core of a divide-and-conquer MAC: its bricks, and choices by mode."""

    def brick(self, m: Module, i: int, j: int, pairs: Sequence[tuple[Value, Value]]) -> Signal:
        """Return the sum of products of digits, whose signs are those of brick (i, j)."""
        width = sum(self.spec.digit_widths) + self.spec.growth
        heap = self.heap(m, width, f"brick_{i}{j}", leaves=True)
        for act, weight in pairs:
            add_product(
                heap,
                act,
                weight,
                act_sign=self.when(self.spec.act_top(i)),
                weight_sign=self.when(self.spec.weight_top(j)),
            )
        total = Signal(width, name=f"brick_{i}{j}")
        m.d.comb += total.eq(heap.sum())
        return total


def gather(choices: Iterable[tuple[Place, Mode]]) -> dict[Place, frozenset[Mode]]:
    """Return the places that a thing is taken from, each with its modes."""
    places: dict[Place, set[Mode]] = {}
    for place, mode in choices:
        places.setdefault(place, set()).add(mode)
    return {place: frozenset(modes) for place, modes in places.items()}


def chosen(choices: Choices, when: Callable[[frozenset[Mode]], Value]) -> Value:
    """Return the value of the present mode; ``when`` tells whether the mode is in a set.

    A value that no mode uses is zero.
    """
    value = choices[0][0] if choices else Const(0, 1)
    for other, modes in choices[1:]:
        value = Mux(when(modes), other, value)
    return value
