"""The core of ternary weights."""

from collections.abc import Mapping

from amaranth import Cat, Module, Signal, Value

from macsmith.arith.bit_heap import BitHeap
from macsmith.arith.conditional_negate import negated_rows
from macsmith.arith.partial_products import add_product
from macsmith.compact.stream_dot.core import StreamDotCore
from macsmith.compact.stream_dot.unit import StreamDot
from macsmith.compact.ternary.spec import TernarySpec
from macsmith.compact.ternary.trits import Trit, of_bytes, of_two_bits
from macsmith.rtl.named_signal import number, wired


class TernaryCore(StreamDotCore[TernarySpec]):
    """Activations added and subtracted in one heap, or in one for either kind of weights."""

    def gains(self, m: Module) -> Mapping[str, Value]:
        spec = self.spec
        decode = of_bytes if spec.packing == "five-trits" else of_two_bits
        weights, wrong = decode(m, "w", self.operand("w"))
        heaps = {
            name: self.heap(m, total.gain.width, f"{name}_lanes", leaves=False)
            for name, total in spec.totals.items()
            if not total.flag
        }
        if spec.acts == "trits":
            acts, more = decode(m, "a", self.operand("a"))
            wrong += more
            for lane, (act, weight) in enumerate(zip(acts, weights, strict=True)):
                self._add_trits(m, heaps, lane, act, weight)
        else:
            for lane, (word, weight) in enumerate(zip(self.operand("a"), weights, strict=True)):
                self._add_number(m, heaps, lane, word, weight)
        sums: dict[str, Value] = {name: heap.sum() for name, heap in heaps.items()}
        return sums | {"error": Cat(wrong).any()}

    def _add_trits(
        self, m: Module, heaps: Mapping[str, BitHeap], lane: int, act: Trit, weight: Trit
    ) -> None:
        if "sum" in heaps:
            plus = (act.plus & weight.plus) | (act.minus & weight.minus)
            minus = (act.plus & weight.minus) | (act.minus & weight.plus)
            heaps["sum"].add(wired(m, f"plus{lane}", plus), 0)
            heaps["sum"].add(wired(m, f"minus{lane}", minus), 0, True)
            return
        for name, line in (("positive", weight.plus), ("negative", weight.minus)):
            heaps[name].add(wired(m, f"{name}_plus{lane}", act.plus & line), 0)
            heaps[name].add(wired(m, f"{name}_minus{lane}", act.minus & line), 0, True)

    def _add_number(
        self, m: Module, heaps: Mapping[str, BitHeap], lane: int, word: Value, weight: Trit
    ) -> None:
        signed, size = self.spec.act_signed, len(word)
        if "sum" in heaps:
            used = (weight.plus | weight.minus).replicate(size)
            kept = number(m, f"kept{lane}", word & used, signed)
            heaps["sum"].add_rows(negated_rows(m, f"signed{lane}", kept, weight.minus))
            return
        for name, line in (("positive", weight.plus), ("negative", weight.minus)):
            heaps[name].add_word(number(m, f"{name}{lane}", word & line.replicate(size), signed))


class Ternary(StreamDot):
    """Dot products with ternary weights; see `TernarySpec`."""

    def __init__(self, spec: TernarySpec) -> None:
        super().__init__(TernaryCore(spec))

    def results(
        self, m: Module, totals: Mapping[str, Value], closing: Mapping[str, Value]
    ) -> Mapping[str, Value]:
        if not closing:
            return totals
        part = self.spec.total_part("positive")
        signed = bool(part.signed)
        heap = self.core.heap(m, self.spec.results["sum"].bits, "closing", leaves=False)
        positive, scale = wired(m, "positive", totals["positive"].as_unsigned()), closing["scale_p"]
        add_product(heap, positive, scale, act_sign=signed)
        # -N Wn = (~N) Wn + Wn, where the inversion has a sign even if N has none.
        wide = Signal(part.bits + (not signed), name="negative_inverted")
        value = totals["negative"].as_unsigned()
        ones = ~value
        m.d.comb += wide.eq(ones if signed else Cat(ones[: part.bits], 1))
        add_product(heap, wide, closing["scale_n"], act_sign=True)
        heap.add_word(closing["scale_n"])
        return {"sum": wired(m, "closing_total", heap.sum()), "error": totals["error"]}
