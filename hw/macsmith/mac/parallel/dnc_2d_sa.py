"""Two-dimensional divide and conquer, sum apart: every product has its own accumulator."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.bit_heap import Rows
from macsmith.arith.compressor_tree import Bit
from macsmith.contract.bit_routes import Source, msb_aligned
from macsmith.contract.modes import Mode
from macsmith.mac.parallel.dnc import DncCore, DncSpec, chosen, gather

Cells = dict[int, tuple[int, int]]
"""For each live bit of a register its slot and its place within the slot."""

Group = tuple[int, int, int, int]
"""Bricks that are summed: the first one's row and column, then how many rows and columns."""


@dataclass(frozen=True, kw_only=True)
class Dnc2dSaSpec(DncSpec):
    """Bit separation: every activation lane meets every weight lane, each with its own sum.

    Operands are shared: product (i, j) of ``n_a x n_w`` goes to slot ``i * n_w + j``. Slots are
    contiguous and evenly spaced: slot s of n begins at bit ``s * (width // n)`` of the product
    register and of the accumulator.
    Camus et al. (JETCAS 2019), "2D D&C SA".
    """

    summary = "bricks of digits; both operands scale, an accumulator for every product"

    def element_acts(self, mode: Mode) -> int:
        return 1 << self.act_level(mode)

    def element_weights(self, mode: Mode) -> int:
        return 1 << self.weight_level(mode)

    def element_products(self, mode: Mode) -> int:
        return self.element_acts(mode) * self.element_weights(mode)

    def element_slots(self, mode: Mode) -> int:
        return self.element_products(mode)

    def element_act_source(self, mode: Mode) -> tuple[Source, ...]:
        lane, _ = self.lane_widths(mode)
        return msb_aligned(self.element_acts(mode), mode.act_bits, lane, self.act_width)

    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        _, lane = self.lane_widths(mode)
        return msb_aligned(self.element_weights(mode), mode.weight_bits, lane, self.weight_width)

    # Where slots lie in the two registers.

    def slot_product_width(self, mode: Mode) -> int:
        """Return the bits of a slot's sum of products, before the operands' alignment."""
        return sum(self.lane_widths(mode)) + self.growth

    @cached_property
    def product_width(self) -> int:
        return max(self.element_slots(mode) * self.slot_product_width(mode) for mode in self.modes)

    @cached_property
    def acc_width(self) -> int:
        return max(
            self.element_slots(mode) * (self.slot_product_width(mode) + self.headroom)
            for mode in self.modes
        )

    def product_cells(self, mode: Mode) -> Cells:
        """Return what each live bit of the product register holds."""
        return self._cells(mode, self.product_width, self.slot_product_width(mode))

    def product_slots(self, mode: Mode) -> dict[int, int]:
        cells = self.product_cells(mode)
        return {bit: cells[bit][0] for bit in super().product_slots(mode)}

    def acc_cells(self, mode: Mode) -> Cells:
        """Return what each live bit of the accumulator holds."""
        return self._cells(mode, self.acc_width, self.slot_product_width(mode) + self.headroom)

    def _cells(self, mode: Mode, width: int, bits: int) -> Cells:
        pitch = width // self.element_slots(mode)
        slots = range(self.element_slots(mode))
        return {slot * pitch + bit: (slot, bit) for slot in slots for bit in range(bits)}

    def product_alive(self, mode: Mode) -> Iterable[int]:
        return self.product_cells(mode)

    def acc_alive(self, mode: Mode) -> Iterable[int]:
        return self.acc_cells(mode)

    def slot_source(self, mode: Mode) -> tuple[int, ...]:
        idle = self.slot_product_width(mode) + self.headroom - self.acc_bits(mode)
        return tuple(place for place, (_, bit) in self.acc_cells(mode).items() if bit >= idle)

    # What feeds each bit of the two registers, and where carries stop.

    def product_choices(self, place: int) -> dict[tuple[Group, int], frozenset[Mode]]:
        """Return the bits of sums of bricks that a product bit takes, and in which modes."""
        choices = []
        for mode in self.modes:
            if cell := self.product_cells(mode).get(place):
                rows, columns = self.lane_digits(mode)
                row, column = divmod(cell[0], self.element_weights(mode))
                choices.append((((row * rows, column * columns, rows, columns), cell[1]), mode))
        return gather(choices)

    def cuts_columns(self, rows: int, columns: int) -> bool:
        """Return whether the halves of such a group have half its columns, rather than its rows.

        The cut leaves halves that some mode uses by themselves, where there are such.
        """
        used = {self.lane_digits(mode) for mode in self.modes}
        if rows == 1 or columns == 1:
            return rows == 1
        return (rows, columns // 2) in used or (rows // 2, columns) not in used

    def addend_choices(self, place: int) -> dict[int | None, frozenset[Mode]]:
        """Return the product bits that are added to an accumulator bit; None stands for zero."""
        choices: list[tuple[int | None, Mode]] = []
        for mode in self.modes:
            if cell := self.acc_cells(mode).get(place):
                slot, bit = cell
                top = self.slot_product_width(mode) - 1
                base = slot * (self.product_width // self.element_slots(mode))
                extends = bit > top and not self.result_signed
                choices.append((None if extends else base + min(bit, top), mode))
        return gather(choices)

    def product_live(self, place: int | None) -> frozenset[Mode]:
        """Return the modes in which a product bit is clocked; None stands for zero."""
        return frozenset(mode for mode in self.modes if place in self.product_cells(mode))

    def starts(self, place: int) -> frozenset[Mode]:
        """Return the modes in which a slot of the accumulator begins at ``place``."""
        cells = ((mode, self.acc_cells(mode).get(place)) for mode in self.modes)
        return frozenset(mode for mode, cell in cells if cell and cell[1] == 0)

    def linked(self, place: int) -> frozenset[Mode]:
        """Return the modes in which a slot goes on from the accumulator bit below ``place``."""
        cells = ((mode, self.acc_cells(mode).get(place)) for mode in self.modes)
        return frozenset(mode for mode, cell in cells if cell and cell[1] > 0)

    @cached_property
    def control_sets(self) -> tuple[frozenset[Mode], ...]:
        choices = [self.product_choices(place).values() for place in range(self.product_width)]
        return self.distinct([*self.brick_sign_sets(), *(one for some in choices for one in some)])

    @cached_property
    def acc_control_sets(self) -> tuple[frozenset[Mode], ...]:
        places = range(self.acc_width)
        choices = [self.addend_choices(place).values() for place in places]
        sets = [one for some in choices for one in some]
        return self.distinct([*map(self.linked, places), *sets])


class Dnc2dSa(DncCore[Dnc2dSaSpec]):
    """Core of the divide-and-conquer MAC whose sums of bricks go to slots, mode by mode."""

    def multiply(self, m: Module) -> Rows:
        sums: dict[Group, Value] = {}
        bits = []
        for place in range(self.spec.product_width):
            choices = self.spec.product_choices(place).items()
            values = [(self._sum(m, sums, *group)[bit], modes) for (group, bit), modes in choices]
            bits.append(chosen(values, self.when))
        return Rows(tuple((Bit(0, bit),) for bit in bits))

    def _sum(
        self, m: Module, sums: dict[Group, Value], i: int, j: int, rows: int, columns: int
    ) -> Value:
        """Return the sum of a group of bricks, at their weights relative to the first."""
        group = i, j, rows, columns
        if group not in sums:
            single = rows == columns == 1
            sums[group] = self._brick(m, i, j) if single else self._joined(m, sums, group)
        return sums[group]

    def _brick(self, m: Module, i: int, j: int) -> Value:
        act_digit, weight_digit = self.spec.digit_widths
        pairs = [
            (act.word_select(i, act_digit), weight.word_select(j, weight_digit))
            for act, weight in self.elements()
        ]
        return self.brick(m, i, j, pairs)

    def _joined(self, m: Module, sums: dict[Group, Value], group: Group) -> Value:
        """Add the halves of a group."""
        i, j, rows, columns = group
        act_digit, weight_digit = self.spec.digit_widths
        if self.spec.cuts_columns(rows, columns):
            columns //= 2
            high, shift = (i, j + columns, rows, columns), columns * weight_digit
        else:
            rows //= 2
            high, shift = (i + rows, j, rows, columns), rows * act_digit
        low, upper = self._sum(m, sums, i, j, rows, columns), self._sum(m, sums, *high)
        signed = self.spec.act_top(i + rows - 1) | self.spec.weight_top(j + columns - 1)
        sign = (low[-1] & self.when(signed)).replicate(shift)
        name = "sum_" + "".join(map(str, group))
        total = Signal(len(low) + shift, name=name)
        added, _ = self._added(m, name, Cat(low[shift:], sign), upper)
        m.d.comb += total.eq(Cat(low[:shift], added))
        return total

    def _added(
        self, m: Module, name: str, left: Value, right: Value, carry_in: Value | None = None
    ) -> tuple[Value, Value]:
        """Return the sum of two words and a carry, and the carry out."""
        heap = self.heap(m, len(left), name)
        heap.add_word(left)
        heap.add_word(right)
        total, carries = heap.sum_and_carries(carry_in)
        return total, carries[-1] if carries else Const(0, 1)

    def accumulate(self, m: Module, product: Rows, kept: Value) -> Value:
        """Add in runs of bits between the places where a slot may begin."""
        spec = self.spec
        addend = [self._addend(product, place) for place in range(spec.acc_width)]
        starts = [place for place in range(spec.acc_width) if spec.starts(place)]
        runs: list[Value] = []
        carry: Value = Const(0, 1)
        for start, end in pairwise([*starts, spec.acc_width]):
            linked = spec.linked(start)
            carry_in = carry & self.acc_when(linked) if linked else None
            added = Cat(addend[start:end])
            total, carry = self._added(m, f"acc_{start}", kept[start:end], added, carry_in)
            runs.append(total)
        return Cat(runs)

    def _addend(self, product: Rows, place: int) -> Value:
        """Return the product bit that is added to an accumulator bit in the present mode."""
        choices = self.spec.addend_choices(place)
        # Where no mode asks for the bit, it had better be one that rests: the first is taken.
        idle = frozenset(self.spec.modes).difference(*choices.values())
        resting = sorted(choices, key=lambda source: len(idle & self.spec.product_live(source)))
        return chosen(
            [
                (
                    Const(0, 1) if source is None else product.columns[source][0].value,
                    choices[source],
                )
                for source in resting
            ],
            self.acc_when,
        )
