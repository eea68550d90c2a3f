"""The core of a PE's dot product: lanes, one sum of their products, an accumulator."""

from collections.abc import Mapping, Sequence

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.chosen_heap import heap_of
from macsmith.fp.array_mac.spec import FloatMacSpec
from macsmith.fp.dot.accumulator import Beat, LateSum, SumOf, next_acc
from macsmith.fp.dot.beat_sum import Products
from macsmith.fp.dot.dot import sum_of_products
from macsmith.fp.dot.lane import Lane
from macsmith.fp.dot.operands import LANE, facts_of
from macsmith.fp.dot.stage import AnyStage, Stage, Through
from macsmith.fp.number.specials import Specials
from macsmith.rtl.named_signal import wired

_FACTS = ("nan", "above", "below", "all_negative")


class FloatDot(wiring.Component):
    """Products of ``products`` lanes added to an accumulator, which is rounded once a step.

        act, weight -> lanes -> [products] -> aligned, one heap -> [sum] -> + acc, rounded -> [acc]

    `FloatMacSpec.stages` says which of these registers there are. There are no stalls: a step that
    is none is told so.

    Parameters
    ----------
    spec:
        The MACs.
    chained:
        Whether sums come in, instead of being kept.

    Members
    -------
    act, weight : In
        The numbers of each lane, those of a point packed from the lowest bit.
    control : In(len(spec.points))
        One line a point, one of them up; absent if there is one alone.
    live : In(1)
        There is a step, at the operands' stage; absent if chained.
    first : In(1)
        A sum begins, with this step or with none, at the accumulator's stage; absent if chained.
    sum_in : In(spec.acc_width)
        What the products are added to, at the accumulator's stage; if chained.
    acc : Out(spec.acc_width)
        The accumulator.
    """

    clocked = True

    act: Signal
    weight: Signal
    control: Signal
    live: Signal
    first: Signal
    sum_in: Signal
    acc: Signal

    def __init__(self, spec: FloatMacSpec, chained: bool) -> None:
        self.spec, self.chained, self.lane = spec, chained, Lane(spec)
        act_width, weight_width = self.element_widths
        ports: dict[str, wiring.Member] = {
            "act": In(spec.products * act_width), "weight": In(spec.products * weight_width),
        }  # fmt: skip
        if spec.control_sets:
            ports["control"] = In(len(spec.control_sets))
        if chained:
            ports["sum_in"] = In(spec.acc_width)
        else:
            ports |= {"live": In(1), "first": In(1)}
        super().__init__(ports | {"acc": Out(spec.acc_width)})

    @property
    def element_widths(self) -> tuple[int, int]:
        """Bits of a lane's activations and weights."""
        return self.spec.a_width, self.spec.b_width

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name, so that each is written once."""
        return {LANE: self.lane}

    def share(self, m: Module, name: str, acts: Sequence[Value]) -> list[Value]:
        """Return what is made once of activations that several cores multiply: nothing."""
        return list(acts)

    def kept_weights(self, m: Module, weights: Sequence[Value]) -> list[Value]:
        """Return what registers hold of weights: their codes."""
        return list(weights)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, always = self.spec, Const(1, 1)
        lines = self.control if spec.control_sets else always
        lanes = [
            self.lane.connected(
                m, LANE, f"lane{number}", line=lines,
                a=self.act.word_select(number, spec.a_width),
                b=self.weight.word_select(number, spec.b_width),
            )
            for number in range(spec.products)
        ]  # fmt: skip
        specials, negative = facts_of(m, lanes)
        facts: Mapping[str, Value] = dict(zip(_FACTS, (*specials.flags, negative), strict=True))
        live = always if self.chained else self.live
        multiplied = _stage(m, "multiplied", live, spec.stages > 1)
        products = Products(lanes, [], [], always).held(multiplied)
        facts = multiplied.registers(facts)
        added = _stage(m, "added", multiplied.valid, spec.stages > 2)
        total = sum_of_products(m, spec, products, added)
        facts = added.registers(facts)
        self._keep(m, total, facts, added.valid)
        return m

    def _keep(self, m: Module, total: SumOf, facts: Mapping[str, Value], live: Value) -> None:
        acc = Signal(self.spec.acc_width, name="accumulator", reset_less=True)
        kept = self.sum_in if self.chained else acc & ~self.first.replicate(len(acc))
        before = wired(m, "acc_kept", kept)
        made = self._raw if self.spec.acc_format is None else self._rounded
        following = made(m, before, total, facts)
        if self.chained:
            m.d.sync += acc.eq(following)
        else:
            with m.If(live | self.first):
                m.d.sync += acc.eq(following & live.replicate(len(acc)))
        m.d.comb += self.acc.eq(acc)

    def _rounded(
        self, m: Module, before: Value, total: SumOf, facts: Mapping[str, Value]
    ) -> Signal:
        """Return the code of a sum plus products."""
        beat = Beat(Const(0, 1), Const(0, 1), Specials.named(facts), facts["all_negative"])
        return next_acc(m, self.spec, before, beat, total)

    def _raw(self, m: Module, before: Value, total: SumOf, facts: Mapping[str, Value]) -> Value:
        """Return a raw sum plus products, with what kind it is."""
        spec = self.spec
        assert isinstance(total, LateSum)
        kept = Signal(signed(spec.raw_bits), name="kept")
        m.d.comb += kept.eq(before[: spec.raw_bits])
        heap = heap_of(m, spec, spec.raw_bits, "raw", leaves=False)
        heap.add_word(total.total)
        heap.add_word(kept)
        following = Signal(spec.raw_bits, name="raw_next")
        m.d.comb += following.eq(heap.sum())
        if not spec.has_kind:
            return following
        odd, infinite = before[spec.raw_bits :]
        held = Specials(odd & ~infinite, ~odd & infinite, odd & infinite)
        both = Specials.named(facts).plus(m, "raw_specials", held)
        kind = Signal(2, name="raw_kind")
        below = both.infinite & ~both.above
        m.d.comb += kind.eq(
            Mux(both.undefined, Const(1, 2), Cat(below, both.infinite))
        )  # fmt: skip
        return Cat(following & ~kind.any().replicate(len(following)), kind)


def _stage(m: Module, name: str, valid: Value, registers: bool) -> AnyStage:
    """Return a stage that always moves, with registers or without."""
    return (Stage if registers else Through)(m, name, Const(1, 1), valid)
