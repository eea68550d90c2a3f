"""The softmax unit: greatest element, powers of differences, their sum, its reciprocal."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.barrel_shift import shifted_left, shifted_right
from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.conditional_negate import negated
from macsmith.arith.leading_one import leading_one
from macsmith.arith.maximum import maximum
from macsmith.arith.partial_products import add_product
from macsmith.contract.unit import ALWAYS
from macsmith.fp.dot.stage import Stage
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.rounding import overflow, rounded_magnitude
from macsmith.fp.number.unpack import first_exponent, unpack
from macsmith.functions.constant_multiple import add_multiple
from macsmith.functions.made_of.softmax_spec import SoftmaxSpec
from macsmith.functions.polynomial import evaluated
from macsmith.functions.unit import carried, stages_of
from macsmith.rtl.named_signal import wired
from macsmith.rtl.stream_component import StreamComponent


class Softmax(StreamComponent):
    """A stream of beats of elements in, a stream of their softmax out.

        x ─▶ [fixed] ─▶ max ─▶ max - x ─▶ [n, f] ─▶ 2^f 2^n ─┬─▶ sum ─▶ [1 / sum] ─▶ x ─▶ [y]
                                                             └──────────────────────▶

    A beat a cycle, `SoftmaxSpec.latency` cycles late. A result that nobody takes stops all stages;
    there is a combinational path from ``o.ready`` to ``i.ready``. ``rst`` drops what is in flight.

    Parameters
    ----------
    spec:
        The unit.

    Members
    -------
    i : In(stream.Signature(spec.input_struct))
        Elements.
    o : Out(stream.Signature(spec.output_struct))
        Results.
    """

    def __init__(self, spec: SoftmaxSpec) -> None:
        self.spec = spec
        super().__init__(spec.input_struct, spec.output_struct)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, fmt = self.spec, self.spec.fmt
        stages = stages_of(m, self.i, self.o, spec.latency(ALWAYS[0]))
        degree = spec.degree
        taken, compared, apart, scaled, *powers = stages[: 5 + degree]
        added, normal, *inverse = stages[5 + degree : 8 + 2 * degree]
        multiplied, last = stages[8 + 2 * degree :]
        numbers, facts = self._fixed(m, taken)
        numbers, greatest = self._greatest(m, numbers, compared)
        arguments = self._arguments(m, numbers, greatest, apart, scaled)
        facts = carried("beat", facts, [compared, apart, scaled, *powers])
        elements = [
            self._power(m, f"e{at}", word, facts[f"none{at}"], powers)
            for at, word in enumerate(arguments)
        ]
        total = added.register("total", self._sum(m, elements))
        fraction, binade = self._normal(m, total)
        kept: dict[str, Value] = {"binade": normal.register("binade", binade)}
        kept |= {"undefined": carried("u", {"u": facts["undefined"]}, [added, normal])["u"]}
        reciprocal = evaluated(
            m, "inverse", spec, spec.reciprocals, normal.register("fraction", fraction), inverse
        )
        kept = carried("sum", kept, inverse)
        inverted = wired(m, "inverted", reciprocal[spec.reciprocals.steps.guard :])
        whole = carried("rest", kept, [multiplied])
        found = []
        for at, (significand, exponent) in enumerate(elements):
            held = carried(f"e{at}", {"r": significand, "n": exponent}, [added, normal, *inverse])
            heap = heap_of(m, spec, len(held["r"]) + len(inverted), f"e{at}_share")
            add_product(heap, held["r"], inverted)
            product = multiplied.register(f"e{at}_product", heap.sum())
            n = multiplied.register(f"e{at}_whole", held["n"])
            found.append(self._code(m, f"y{at}", product, n, whole))
        nan = Const(fmt.nan or 0, fmt.width)
        m.d.comb += [
            self.o.valid.eq(last.valid),
            self.o.payload.y.eq(
                Cat(
                    last.register(f"y{at}", Mux(whole["undefined"], nan, code))
                    for at, code in enumerate(found)
                )
            ),
            self.o.payload.undefined.eq(last.register("undefined", whole["undefined"])),
        ]
        return m

    def _fixed(self, m: Module, stage: Stage) -> tuple[list[Value], Mapping[str, Value]]:
        """Return elements as whole numbers of ``2^-fraction``, and what is no number of them."""
        spec, fmt = self.spec, self.spec.fmt
        numbers: list[Value] = []
        nowhere, none = [], {}
        for at in range(spec.elements):
            name = f"x{at}"
            one = unpack(m, name, self.i.payload.x.word_select(at, fmt.width), fmt)
            up = spec.integer_bits - 1 - fmt.fraction_bits + spec.fraction
            offset = fmt.lsb - first_exponent(fmt) + fmt.fraction_bits
            most = spec.integer_bits - 1 - offset
            below = Signal(range(most - (1 << fmt.exponent_bits), most + 1), name=f"{name}_below")
            word = Cat(Const(0, up), one.significand)
            places = Signal(range(len(word) + 1), name=f"{name}_places")
            m.d.comb += [
                below.eq(most - one.exponent),
                places.eq(Mux(below > len(word), len(word), below)),
            ]
            moved, _ = shifted_right(m, f"{name}_moved", word, places)
            size = Signal(signed(len(word) + 1), name=f"{name}_size")
            m.d.comb += size.eq(Mux(below < 0, (1 << len(word)) - 1, moved))
            number = negated(m, f"{name}_fixed", size, one.negative)
            numbers.append(stage.register(f"{name}_fixed", number))
            nowhere.append(wired(m, f"{name}_nowhere", one.nan | (one.inf & ~one.negative)))
            none[f"none{at}"] = wired(m, f"{name}_none", one.inf & one.negative)
        undefined = wired(m, "undefined", reduce(or_, nowhere) | reduce(and_, list(none.values())))
        facts = {"undefined": undefined, **none}
        return numbers, {what: stage.register(what, one) for what, one in facts.items()}

    @staticmethod
    def _greatest(m: Module, numbers: Sequence[Value], stage: Stage) -> tuple[list[Value], Value]:
        """Return the numbers and the greatest of them, both less the least that there is."""
        raised = [Cat(number[:-1], ~number[-1]) for number in numbers]
        greatest = wired(m, "greatest", maximum(m, "greatest_of", raised))
        return (
            [stage.register(f"x{at}_raised", one) for at, one in enumerate(raised)],
            stage.register("greatest", greatest),
        )

    def _arguments(
        self, m: Module, numbers: Sequence[Value], greatest: Value, apart: Stage, scaled: Stage
    ) -> list[Value]:
        """Return ``(x - greatest) log2 e`` of each, in two's complement."""
        spec = self.spec
        found: list[Value] = []
        for at, number in enumerate(numbers):
            distance = Signal(len(number), name=f"x{at}_distance")
            m.d.comb += distance.eq(greatest - number)
            held = apart.register(f"x{at}_apart", distance)
            width = len(number) + spec.factor.bit_length()
            heap = heap_of(m, spec, width, f"x{at}_scaled")
            add_multiple(heap, f"x{at}_scaled", held, spec.factor)
            product = heap.sum()[spec.factor_bits :]
            argument = Signal(signed(len(product) + 1), name=f"x{at}_argument")
            m.d.comb += argument.eq(-product)
            found.append(scaled.register(f"x{at}_argument", argument))
        return found

    def _power(
        self, m: Module, name: str, argument: Value, none: Value, stages: Sequence[Stage]
    ) -> tuple[Value, Value]:
        """Return ``2^argument`` as a significand and an exponent that is not positive."""
        spec = self.spec
        value = evaluated(m, name, spec, spec.powers, argument[: spec.fraction], stages)
        whole = carried(f"{name}_n", {"n": argument[spec.fraction :].as_signed()}, stages)["n"]
        significand = Signal(spec.bits + 2, name=f"{name}_significand")
        m.d.comb += significand.eq(Mux(none, 0, value[spec.powers.steps.guard :]))
        return significand, whole

    def _sum(self, m: Module, elements: Sequence[tuple[Value, Value]]) -> Value:
        """Return the sum of powers, in units of ``2^-sum_bits``."""
        spec = self.spec
        width = spec.sum_bits + 2
        grown = width + (spec.elements - 1).bit_length()
        heap = heap_of(m, spec, grown, "sum")
        for at, (significand, whole) in enumerate(elements):
            word = Cat(Const(0, spec.sum_bits - spec.bits), significand)
            places = Signal(range(width + 1), name=f"e{at}_places")
            m.d.comb += places.eq(Mux(whole < -width, width, -whole))
            placed, _ = shifted_right(m, f"e{at}_placed", word, places)
            heap.add_word(placed)
        return heap.sum()

    def _normal(self, m: Module, total: Value) -> tuple[Value, Value]:
        """Return the fraction of the sum's significand, and its exponent."""
        spec = self.spec
        leading = leading_one(m, "sum_leading", total)
        place = wired(m, "sum_place", Cat(leading.position))
        zeros = Signal(len(place), name="sum_zeros")
        m.d.comb += zeros.eq(len(total) - 1 - place)
        top = shifted_left(m, "sum_top", total, zeros, len(total))
        binade = Signal(range(len(total) - spec.sum_bits), name="sum_binade")
        m.d.comb += binade.eq(place - spec.sum_bits)
        return top[len(total) - 1 - spec.bits : -1], binade

    def _code(
        self, m: Module, name: str, product: Value, whole: Value, kept: Mapping[str, Value]
    ) -> Value:
        """Return the code of an element's share."""
        spec, fmt = self.spec, self.spec.fmt
        down = 2 * spec.bits + 1
        low = -(1 << len(whole) - 1) - (1 << len(kept["binade"])) - down
        exponent = Signal(range(low, -down + 1), name=f"{name}_exponent")
        m.d.comb += exponent.eq(whole - kept["binade"] - down)
        number = rounded_magnitude(
            m, name, product, Const(0, 1), Exponent(exponent, low, -down), fmt, "nearest-even",
            overflow(fmt),
        )  # fmt: skip
        return Cat(number.code, Const(0, 1))
