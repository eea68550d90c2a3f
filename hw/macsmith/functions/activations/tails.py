"""Functions that fall as powers of e do: a power, and a ratio that is smooth over all magnitudes.

With z = |x| and q the share that lies beyond z,

    sigmoid x = 1 - q or q        q = e^-z 1 / (1 + e^-z)
    gelu x    = x - x q or x q    q = e^(-z^2 / 2) r(z)

for x above or below zero. So q has all its bits wherever it is a number of the format, and both
halves are of one q.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.barrel_shift import shifted_right
from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.partial_products import add_product
from macsmith.fp.dot.stage import Stage
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.rounding import overflow, rounded_magnitude
from macsmith.fp.number.unpack import unpack
from macsmith.functions.activations.range_argument import range_argument, top_of
from macsmith.functions.activations.spec import TailSpec
from macsmith.functions.exponentials import kept_significand, scaled
from macsmith.functions.made_of.float_terms import Term
from macsmith.functions.polynomial import evaluated
from macsmith.functions.result_code import Special, gradual, packed
from macsmith.functions.unit import FunctionUnit, carried
from macsmith.rtl.named_signal import wired


class TailUnit(FunctionUnit):
    """A sigmoid or a GELU.

                  ┌─▶ range ──────────────────▶ table ─▶ steps ─▶ [r] ─┐
    code ─▶ x, x^2 ─▶ [x log2 e] ─▶ [n, f] ────▶ table ─▶ steps ─▶ [2^f] ─▶ x ─▶ [q] ─▶ 2^n,
    1 - q ─▶ [share] ─▶ x ─▶ round ─▶ [code]
    """

    def lane(
        self, m: Module, name: str, code: Value, stages: Sequence[Stage]
    ) -> tuple[Value, Value]:
        spec: TailSpec = self.spec
        fmt, factor = spec.fmt, spec.factor
        squared = stages[: int(spec.squares)]
        taken, fixed, *rest = stages[len(squared) :]
        steps, rest = rest[: spec.degree + 1], rest[spec.degree + 1 :]
        multiplied, placed, *weighted = rest[:-1]
        one = unpack(m, f"{name}_x", code, fmt)
        significand: Value = kept_significand(spec, one)
        top = top_of(m, name, spec, one)
        none = Const(0, 1)
        infinite = wired(m, f"{name}_infinite", one.inf & ~one.negative)
        special = Special(none, one.nan, infinite if spec.squares else none, none, none)
        facts: dict[str, Value] = {"negative": one.negative, "inf": one.inf, **special.flags}
        base, base_top = significand, top
        if spec.squares:
            heap = heap_of(m, spec, 2 * len(significand), f"{name}_square")
            add_product(heap, significand, significand)
            base = squared[0].register(f"{name}_square", heap.sum())
            significand = squared[0].register(f"{name}_size", significand)
            top = squared[0].exponent(f"{name}_top", top)
            facts = carried(f"{name}_s", facts, squared)
            twice = wired(m, f"{name}_twice", Cat(Const(1, 1), top.value).as_signed())
            base_top = Exponent(twice, 2 * top.low + 1, 2 * top.high + 1)
        word, places, big = scaled(m, name, spec, factor, base, base_top)
        argument, _ = range_argument(m, name, spec, significand, top)
        facts["big"] = big | facts.pop("inf")
        facts["zero"] = ~significand.any()
        first = {"word": word, "places": places, "range": argument}
        first = carried(f"{name}_x", first, [taken])
        moved, _ = shifted_right(m, f"{name}_moved", first["word"], first["places"])
        number = Signal(signed(len(moved) + 1), name=f"{name}_fixed")
        m.d.comb += number.eq(-moved)
        whole = fixed.register(f"{name}_whole", self._exponent(m, name, number, first["range"]))
        fraction = fixed.register(f"{name}_fraction", number[: factor.fraction])
        ranged = fixed.register(f"{name}_ranged", first["range"])
        power = evaluated(m, f"{name}_power", spec, spec.powers, fraction, steps)
        ratio = evaluated(m, f"{name}_ratio", spec, spec.table, ranged, steps)
        facts = carried(f"{name}_f", facts, [taken, fixed, *steps])
        whole_held = carried(f"{name}_n", {"whole": whole}, [*steps, multiplied])["whole"]
        share = self._share(m, name, power, ratio, facts)
        facts = {what: one for what, one in facts.items() if what not in ("big", "zero")}
        facts = carried(f"{name}_m", facts, [multiplied])
        held = multiplied.register(f"{name}_share", share)
        word, exponent = self._placed(m, name, held, whole_held, facts["negative"])
        word = placed.register(f"{name}_placed", word)
        exponent = placed.exponent(f"{name}_exponent", exponent)
        facts = carried(f"{name}_p", facts, [placed])
        if spec.squares:
            size = Term(none, significand, top).held(
                f"{name}_z", [taken, fixed, *steps, multiplied, placed]
            )
            word, exponent = self._weighted(m, name, word, exponent, size, weighted[0])
            facts = carried(f"{name}_w", facts, weighted)
        rounded = rounded_magnitude(
            m, f"{name}_rounded", word, none, exponent, fmt, "nearest-even", overflow(fmt)
        )
        ends = special.held(facts)
        if spec.squares:
            ends = replace(ends, negative=facts["negative"])
        return packed(m, name, spec, gradual(spec, rounded.code), ends)

    def _exponent(self, m: Module, name: str, number: Value, argument: Value) -> Value:
        """Return the share's power of two: less where the table's values are greater."""
        spec: TailSpec = self.spec
        whole = number[spec.factor.fraction :].as_signed()
        raised = spec.ratio.raised(argument[-spec.range_bits :])
        found = Signal(signed(len(whole) + 1), name=f"{name}_lowered")
        m.d.comb += found.eq(whole - raised)
        return found

    def _share(
        self, m: Module, name: str, power: Value, ratio: Value, facts: Mapping[str, Value]
    ) -> Value:
        """Return the share without its power of two: a half of zero, nothing far away."""
        spec: TailSpec = self.spec
        power, ratio = power[spec.powers.steps.guard :], ratio[spec.table.steps.guard :]
        heap = heap_of(m, spec, len(power) + len(ratio), f"{name}_share")
        add_product(heap, power, ratio)
        share = wired(m, f"{name}_share_next", heap.sum()[spec.bits - 2 :])
        half = 1 << spec.shared_bits - 1
        return Mux(facts["zero"], half, Mux(facts["big"], 0, share))

    def _placed(
        self, m: Module, name: str, share: Value, whole: Value, negative: Value
    ) -> tuple[Value, Exponent]:
        """Return the share or what it leaves of one, and the exponent of its lowest place."""
        bits = self.spec.shared_bits
        places = Signal(range(len(share) + 1), name=f"{name}_share_places")
        m.d.comb += places.eq(Mux(whole < -len(share), len(share), -whole))
        moved, _ = shifted_right(m, f"{name}_share_moved", share, places)
        rest = Signal(bits + 1, name=f"{name}_rest")
        word = Signal(max(len(share), bits + 1), name=f"{name}_kept")
        low = -(1 << len(whole) - 1) - bits
        exponent = Signal(range(low, 1 - bits), name=f"{name}_kept_exponent")
        m.d.comb += [
            rest.eq((1 << bits) - moved),
            word.eq(Mux(negative, share, rest)),
            exponent.eq(Mux(negative, whole - bits, -bits)),
        ]
        return word, Exponent(exponent, low, -bits)

    def _weighted(
        self, m: Module, name: str, word: Value, exponent: Exponent, size: Term, stage: Stage
    ) -> tuple[Value, Exponent]:
        """Return the same times the magnitude of the argument."""
        heap = heap_of(m, self.spec, len(word) + len(size.significand), f"{name}_weighted")
        add_product(heap, word, size.significand)
        below = 1 - len(size.significand)
        low = exponent.low + size.exponent.low + below
        high = exponent.high + size.exponent.high + below
        lsb = Signal(range(low, high + 1), name=f"{name}_weighted_lsb")
        m.d.comb += lsb.eq(exponent.value + size.exponent.value + below)
        found = Exponent(lsb, low, high)
        return (
            stage.register(f"{name}_weighted", heap.sum()),
            stage.exponent(f"{name}_weighted_exponent", found),
        )
