"""Serial MAC, one-dimensional: the whole activation by one weight digit a cycle."""

from dataclasses import dataclass

from amaranth import Cat, Module, Signal, Value

from macsmith.arith.partial_products import add_product
from macsmith.contract.bit_routes import Source, msb_aligned
from macsmith.contract.modes import Mode
from macsmith.mac.bit_matrix import BitMatrix, PartialProduct
from macsmith.mac.operand_registers import Feeder, split
from macsmith.mac.serial.serial import SerialCore, SerialSpec, constant_of_mode, lowest_bits


@dataclass(frozen=True, kw_only=True)
class Serial1dSpec(SerialSpec):
    """Weight digits in turn, the lowest first; a narrow weight takes fewer cycles.

    The running product shifts right by a digit a cycle; a digit of the result leaves it in each.
    Stripes, Judd et al. (MICRO 2016); UNPU, Lee et al. (ISSCC 2018); Camus et al. (JETCAS 2019).
    """

    summary = "one weight digit a cycle against the whole activation"

    def cycles(self, mode: Mode) -> int:
        return self.digits(mode.weight_bits)

    def element_act_source(self, mode: Mode) -> tuple[Source, ...]:
        return msb_aligned(1, mode.act_bits, self.act_width, self.act_width)

    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        return self.digit_source(mode.weight_bits, self.weight_width)

    def bit_matrix(self, mode: Mode) -> BitMatrix:
        """Return the rows of weight digits; each has its cycle at its lowest bit."""
        acts, weights = self.element_act_source(mode), self.element_weight_source(mode)
        first = lowest_bits(acts, len(acts)), lowest_bits(weights, self.digit)

        def product(x: int, y: int) -> PartialProduct:
            if acts[x] is None or weights[y] is None:
                return PartialProduct(None)
            cycle = y // self.digit
            return PartialProduct(cycle, cycle if x in first[0] and y in first[1] else None)

        return tuple(tuple(product(x, y) for x in range(len(acts))) for y in range(len(weights)))

    @property
    def product_width(self) -> int:
        return self.act_width + self.digit + self.growth

    @property
    def low_width(self) -> int:
        return self.padded(self.weight_width)

    @property
    def acc_width(self) -> int:
        return self.act_width + self.low_width + self.growth + self.headroom

    def idle(self, mode: Mode) -> int:
        return self.low_width - self.padded(mode.weight_bits)

    @property
    def step_names(self) -> tuple[str, ...]:
        return ("load", "weight_top") if self.weight_signed else ("load",)

    @property
    def acc_step_names(self) -> tuple[str, ...]:
        return ("load",)


class Serial1dFeeder(Feeder):
    """Activation register, weight shift register and a counter of digits."""

    spec: Serial1dSpec

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        act = Signal(len(self.act), reset_less=True)
        weight = Signal(len(self.weight_in), reset_less=True)
        words = split(weight, spec.padded(spec.weight_width))
        last = constant_of_mode(m, spec, self.mode, "last", lambda mode: spec.cycles(mode) - 1)
        count = Signal(len(last))
        with m.If(self.load):
            m.d.sync += [act.eq(self.act_in), weight.eq(self.weight_in), count.eq(0)]
        with m.Elif(self.advance):
            m.d.sync += count.eq(count + 1)
            m.d.sync += [word[: -spec.digit].eq(word[spec.digit :]) for word in words]
        m.d.comb += [
            self.act.eq(act),
            self.weight.eq(Cat(word[: spec.digit] for word in words)),
            self.done.eq(count == last),
            self.step.load.eq(~count.any()),
            self.acc_step.load.eq(self.step.load),
            self.digit_done.eq(1),
        ]
        if spec.weight_signed:
            m.d.comb += self.step.weight_top.eq(self.done)
        return m


class Serial1d(SerialCore[Serial1dSpec]):
    """Core of the one-dimensional serial MAC: a row adder over a right-shifting register."""

    feeder_type = Serial1dFeeder

    @property
    def element_widths(self) -> tuple[int, int]:
        return self.spec.act_width, self.spec.digit

    def run(self, m: Module, product: Value) -> Value:
        spec = self.spec
        kept = product[spec.digit :]
        kept = kept & ~self.step.load.replicate(len(kept))
        heap = self.heap(m, spec.product_width, "row", leaves=True)
        for act, weight in self.elements():
            add_product(
                heap,
                act,
                weight,
                act_sign=spec.act_signed,
                weight_sign=self.step.weight_top if spec.weight_signed else False,
            )
        heap.add_word(kept.as_signed() if spec.act_signed else kept)
        return heap.sum()
