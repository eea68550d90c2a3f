"""Subword-parallel MAC, sum together: the blocks of one matrix along its anti-diagonal."""

from dataclasses import dataclass
from functools import cached_property

from amaranth import Const, Module

from macsmith.contract.bit_routes import Source, msb_aligned
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.mac.parallel.sum_together import ModalBit, SumTogether, SumTogetherSpec


@dataclass(frozen=True, kw_only=True)
class SubwordStSpec(SumTogetherSpec):
    """Multiplier gating: in low modes only the blocks on the anti-diagonal stay alive.

    With n lanes of b bits, piece i of the activation meets piece ``n - 1 - i`` of the weight, so
    that all blocks count ``2^(b (n - 1))`` and the matrix itself adds them. The weights are stored
    in reverse: lane k of both operands is a pair. The sum appears above the ``b (n - 1)`` idle
    low bits of the product register and of the accumulator.
    Mei et al. (AICAS 2019), "sum together"; Camus et al. (JETCAS 2019), "SWP ST".
    """

    summary = "one matrix cut into anti-diagonal blocks, their products summed"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.act_width != self.weight_width:
            raise UserError(
                "weight_width must equal act_width, for blocks of one weight on the "
                f"anti-diagonal, not {self.weight_width} beside {self.act_width}"
            )

    def takes_width(self, name: str, width: int) -> bool:
        other = self.weight_width if name == "act_width" else self.act_width
        return width == other and super().takes_width(name, width)

    def level(self, mode: Mode) -> int:
        """Return how often a mode halves both operands."""
        return min(self.act_level(mode), self.weight_level(mode))

    def lane_width(self, mode: Mode) -> int:
        """Return the bits of an operand lane."""
        return self.act_width >> self.level(mode)

    def element_products(self, mode: Mode) -> int:
        return 1 << self.level(mode)

    def element_act_source(self, mode: Mode) -> tuple[Source, ...]:
        lane = self.lane_width(mode)
        return msb_aligned(self.element_products(mode), mode.act_bits, lane, self.act_width)

    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        lane, lanes = self.lane_width(mode), self.element_products(mode)
        routed = msb_aligned(lanes, mode.weight_bits, lane, self.weight_width)
        return tuple(
            routed[place * lane + bit] for place in reversed(range(lanes)) for bit in range(lane)
        )

    def base(self, mode: Mode) -> int:
        return self.act_width - self.lane_width(mode)

    def sum_width(self, mode: Mode) -> int:
        return 2 * self.lane_width(mode) + self.level(mode) + self.growth

    @property
    def product_width(self) -> int:
        return self.act_width + self.weight_width + self.growth

    # Where blocks lie and what is negative, as sets of modes.

    def alive(self, act_bit: int, weight_bit: int) -> frozenset[Mode]:
        """Return the modes in which two operand bits belong to a pair of lanes."""
        return frozenset(
            mode
            for mode in self.modes
            if act_bit // self.lane_width(mode) + weight_bit // self.lane_width(mode)
            == self.element_products(mode) - 1
        )

    def negative(self, act_bit: int, weight_bit: int) -> frozenset[Mode]:
        """Return the modes in which a partial product lives and has negative weight."""
        act = self._tops(act_bit) if self.act_signed else frozenset()
        weight = self._tops(weight_bit) if self.weight_signed else frozenset()
        return (act ^ weight) & self.alive(act_bit, weight_bit)

    def _tops(self, bit: int) -> frozenset[Mode]:
        """Return the modes in which an operand bit is the top of its lane."""
        return frozenset(mode for mode in self.modes if (bit + 1) % self.lane_width(mode) == 0)

    def cells(self) -> list[tuple[int, int]]:
        """Return the activation bit and the weight bit of every partial product."""
        return [(i, j) for j in range(self.weight_width) for i in range(self.act_width)]

    def ones(self) -> dict[int, frozenset[Mode]]:
        """Return the ones that go with negative bits, by column, and in which modes."""
        totals = {
            mode: -self.length
            * sum(1 << (i + j) for i, j in self.cells() if mode in self.negative(i, j))
            for mode in self.modes
        }
        return self.constant_bits(totals)

    @cached_property
    def control_sets(self) -> tuple[frozenset[Mode], ...]:
        sets = [self.alive(*cell) for cell in self.cells()]
        sets += [self.negative(*cell) for cell in self.cells()]
        return self.distinct([*sets, *self.ones().values()])


class SubwordSt(SumTogether[SubwordStSpec]):
    """Core of the subword-parallel MAC that sums together: one matrix with gated blocks."""

    def columns(self, m: Module) -> list[list[ModalBit]]:
        spec = self.spec
        columns: list[list[ModalBit]] = [[] for _ in range(spec.product_width)]
        for act, weight in self.elements():
            for i, j in spec.cells():
                alive = spec.alive(i, j)
                bit = self.partial_product(act[i], weight[j], alive, spec.negative(i, j))
                columns[i + j].append(ModalBit(0, bit, alive, rests=True))
        for column, modes in spec.ones().items():
            columns[column].append(ModalBit(0, Const(1, 1), modes))
        return columns
