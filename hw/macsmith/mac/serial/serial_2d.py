"""Serial MAC, two-dimensional: one pair of digits a cycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from amaranth import Cat, Module, Mux, Signal, Value

from macsmith.arith.onehot_mux import decode, select
from macsmith.arith.partial_products import add_product
from macsmith.contract.bit_routes import Source
from macsmith.contract.modes import Mode
from macsmith.mac.bit_matrix import BitMatrix, PartialProduct
from macsmith.mac.operand_registers import Feeder, split
from macsmith.mac.serial.serial import SerialCore, SerialSpec, constant_of_mode, lowest_bits


@dataclass(frozen=True, kw_only=True)
class Serial2dSpec(SerialSpec):
    """Digit pairs (i, j) by diagonals of equal weight i + j, the lowest first.

    Within a diagonal the products are added in place; the next diagonal adds to the sum shifted
    right by a digit, and the digit that is shifted out is one of the result.
    LOOM, Sharify et al. (DAC 2018); Camus et al. (JETCAS 2019).
    """

    summary = "one digit pair a cycle; both operands scale in time"

    def cycles(self, mode: Mode) -> int:
        return self.digits(mode.act_bits) * self.digits(mode.weight_bits)

    def element_act_source(self, mode: Mode) -> tuple[Source, ...]:
        return self.digit_source(mode.act_bits, self.act_width)

    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        return self.digit_source(mode.weight_bits, self.weight_width)

    def walk(self, mode: Mode) -> tuple[tuple[int, int], ...]:
        """Return the digit pairs (i, j) cycle by cycle: diagonals in turn, i rising in each."""
        acts, weights = self.digits(mode.act_bits), self.digits(mode.weight_bits)
        pairs = ((i, j) for i in range(acts) for j in range(weights))
        return tuple(sorted(pairs, key=lambda pair: (sum(pair), pair[0])))

    def bit_matrix(self, mode: Mode) -> BitMatrix:
        """Return the bits of all digit pairs; a lane is a diagonal, and each pair has its cycle."""
        cycles = {pair: cycle for cycle, pair in enumerate(self.walk(mode))}
        acts, weights = self.element_act_source(mode), self.element_weight_source(mode)
        first = lowest_bits(acts, self.digit), lowest_bits(weights, self.digit)

        def product(x: int, y: int) -> PartialProduct:
            if acts[x] is None or weights[y] is None:
                return PartialProduct(None)
            pair = x // self.digit, y // self.digit
            marked = x in first[0] and y in first[1]
            return PartialProduct(sum(pair), cycles[pair] if marked else None)

        return tuple(tuple(product(x, y) for x in range(len(acts))) for y in range(len(weights)))

    @cached_property
    def product_width(self) -> int:
        """Bits of the running product: enough for any sum within a diagonal."""
        least = most = 0
        widths = [2 * self.digit + self.growth]
        for mode in self.modes:
            acts, weights = self.digits(mode.act_bits), self.digits(mode.weight_bits)
            low = high = 0
            for diagonal in range(acts + weights - 1):
                low, high = low >> self.digit, high >> self.digit
                for i in range(max(0, diagonal - weights + 1), min(diagonal, acts - 1) + 1):
                    act = self._digit_range(self.act_signed and i == acts - 1)
                    weight = self._digit_range(self.weight_signed and diagonal - i == weights - 1)
                    corners = [a * w for a in act for w in weight]
                    low += self.length * min(corners)
                    high += self.length * max(corners)
                least, most = min(least, low), max(most, high)
            widths.append(max((-least - 1).bit_length() if least else 0, most.bit_length()))
        return max(widths[0], max(widths[1:]) + self.result_signed)

    def _digit_range(self, signed: bool) -> tuple[int, int]:
        if signed:
            return -1 << (self.digit - 1), (1 << (self.digit - 1)) - 1
        return 0, (1 << self.digit) - 1

    @property
    def low_width(self) -> int:
        return self.padded(self.act_width) + self.padded(self.weight_width) - self.digit

    @property
    def acc_width(self) -> int:
        return self.low_width + self.digit + self.growth + self.headroom

    def idle(self, mode: Mode) -> int:
        used = self.padded(mode.act_bits) + self.padded(mode.weight_bits)
        return self.low_width + self.digit - used

    @property
    def step_names(self) -> tuple[str, ...]:
        act = ("act_top",) if self.act_signed else ()
        weight = ("weight_top",) if self.weight_signed else ()
        return ("stay", "shift", *act, *weight)

    @property
    def acc_step_names(self) -> tuple[str, ...]:
        return ("load",)


class Serial2dFeeder(Feeder):
    """Operand registers, digit selectors and the walk over the diagonals.

    A diagonal is walked with i rising and j falling. Its first pair is kept, so that the next
    diagonal starts one place further along the edge of the digit matrix.
    """

    spec: Serial2dSpec

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        act = Signal(len(self.act_in), reset_less=True)
        weight = Signal(len(self.weight_in), reset_less=True)
        last_i = constant_of_mode(
            m, spec, self.mode, "last_i", lambda mode: spec.digits(mode.act_bits) - 1
        )
        last_j = constant_of_mode(
            m, spec, self.mode, "last_j", lambda mode: spec.digits(mode.weight_bits) - 1
        )
        i, start_i, next_i = (Signal(len(last_i), name=n) for n in ("i", "start_i", "next_i"))
        j, start_j, next_j = (Signal(len(last_j), name=n) for n in ("j", "start_j", "next_j"))
        begin, fresh, act_top, weight_top, diagonal_end = (
            Signal(name=n) for n in ("begin", "fresh", "act_top", "weight_top", "diagonal_end")
        )
        m.d.comb += [
            act_top.eq(i == last_i),
            weight_top.eq(j == last_j),
            diagonal_end.eq(act_top | ~j.any()),
            self.act.eq(_digits(m, split(act, spec.padded(spec.act_width)), i, spec.digit)),
            self.weight.eq(
                _digits(m, split(weight, spec.padded(spec.weight_width)), j, spec.digit)
            ),
            self.done.eq(act_top & weight_top),
            self.acc_step.load.eq(begin),
            self.digit_done.eq(diagonal_end),
            self.step.stay.eq(~begin & ~fresh),
            self.step.shift.eq(~begin & fresh),
        ]
        if spec.act_signed:
            m.d.comb += self.step.act_top.eq(act_top)
        if spec.weight_signed:
            m.d.comb += self.step.weight_top.eq(weight_top)

        # The next diagonal starts one place on along the edge of the digit matrix.
        corner = start_j == last_j
        m.d.comb += [
            next_i.eq(Mux(corner, start_i + 1, start_i)),
            next_j.eq(Mux(corner, start_j, start_j + 1)),
        ]
        with m.If(self.load):
            m.d.sync += [
                act.eq(self.act_in), weight.eq(self.weight_in), begin.eq(1),
                i.eq(0), j.eq(0), start_i.eq(0), start_j.eq(0),
            ]  # fmt: skip
        with m.Elif(self.advance):
            m.d.sync += [begin.eq(0), fresh.eq(diagonal_end)]
            with m.If(diagonal_end):
                m.d.sync += [i.eq(next_i), j.eq(next_j), start_i.eq(next_i), start_j.eq(next_j)]
            with m.Else():
                m.d.sync += [i.eq(i + 1), j.eq(j - 1)]
        return m


def _digits(m: Module, words: Sequence[Value], place: Signal, width: int) -> Value:
    """Return the digit of each word at ``place``."""
    lines = decode(m, place, len(words[0]) // width, f"at_{place.name}")
    return Cat(select(lines, [list(digit) for digit in split(word, width)]) for word in words)


class Serial2d(SerialCore[Serial2dSpec]):
    """Core of the two-dimensional serial MAC: a digit product over a shifting register."""

    feeder_type = Serial2dFeeder

    @property
    def element_widths(self) -> tuple[int, int]:
        return self.spec.digit, self.spec.digit

    def run(self, m: Module, product: Value) -> Value:
        spec = self.spec
        running = product.as_signed() if spec.result_signed else product
        shifted = Signal(spec.product_width)
        m.d.comb += shifted.eq(running >> spec.digit)
        heap = self.heap(m, spec.product_width, "pair", leaves=True)
        for act, weight in self.elements():
            add_product(
                heap,
                act,
                weight,
                act_sign=self.step.act_top if spec.act_signed else False,
                weight_sign=self.step.weight_top if spec.weight_signed else False,
            )
        heap.add_word(select([self.step.stay, self.step.shift], [list(product), list(shifted)]))
        return heap.sum()
