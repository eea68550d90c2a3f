"""The core of fixed point with error compensation."""

from collections.abc import Mapping

from amaranth import Module, Mux, Signal, Value

from macsmith.arith.bit_heap import BitHeap
from macsmith.arith.partial_products import add_product
from macsmith.compact.fpec.block_buffer import BlockBuffer
from macsmith.compact.fpec.estimate import Estimate
from macsmith.compact.fpec.spec import FpecSpec
from macsmith.compact.stream_dot.core import StreamDotCore
from macsmith.compact.stream_dot.unit import StreamDot
from macsmith.rtl.named_signal import number, wired


class FpecCore(StreamDotCore[FpecSpec]):
    """Products of quantised numbers, and those of numbers and errors, in one heap or in two."""

    def gains(self, m: Module) -> Mapping[str, Value]:
        spec = self.spec
        if not spec.compensates:
            return {"sum": self._products(m, "sum", 0)}
        if spec.selective:
            return self._chosen(m)
        pairs = self._estimates(m)
        shift = spec.error_place * (1 + spec.error_product)
        if spec.compensation == "end":
            heap = self._heap_of(m, "errors")
            self._add_errors(m, heap, pairs)
            return {"main": self._products(m, "main", 0), "errors": heap.sum()}
        heap = self._heap_of(m, "sum")
        self._add_products(m, heap, shift)
        self._add_errors(m, heap, pairs)
        return {"sum": heap.sum()}

    def _heap_of(self, m: Module, total: str) -> BitHeap:
        return self.heap(m, self.spec.totals[total].gain.width, f"{total}_products")

    def _numbers(self, name: str, side: str) -> list[Value]:
        """Return the quantised numbers of an operand, the tops of its codes."""
        return [code[-self.spec.width(side) :] for code in self.operand(name)]

    def _products(self, m: Module, total: str, shift: int) -> Value:
        heap = self._heap_of(m, total)
        self._add_products(m, heap, shift)
        return heap.sum()

    def _add_products(self, m: Module, heap: BitHeap, shift: int) -> None:
        spec = self.spec
        lanes = zip(self._numbers("a", "act"), self._numbers("w", "weight"), strict=True)
        for lane, (act, weight) in enumerate(lanes):
            one = self.heap(m, heap.width - shift, f"{heap.name}_{lane}")
            add_product(one, act, weight, act_sign=spec.act_signed, weight_sign=spec.weight_signed)
            heap.add_rows(one.pending(), shift)

    def _estimates(self, m: Module) -> list[tuple[Estimate, Estimate]]:
        """Return the errors of each lane."""
        em = self.spec.magnitude_bits
        sides = [
            [
                Estimate.of(m, f"{name}{lane}", code[em + 1], code[em], code[:em])
                for lane, code in enumerate(self.operand(name))
            ]
            for name in ("a", "w")
        ]
        return list(zip(*sides, strict=True))

    def _add_errors(self, m: Module, heap: BitHeap, pairs: list[tuple[Estimate, Estimate]]) -> None:
        """Add each number times the other's error, and the product of both errors if it is kept."""
        spec = self.spec
        shift = spec.error_place * spec.error_product
        lanes = zip(self._numbers("a", "act"), self._numbers("w", "weight"), pairs, strict=True)
        for lane, (act, weight, (of_act, of_weight)) in enumerate(lanes):
            name = f"lane{lane}"
            of_act.add_times(m, f"{name}_wda", heap, weight, spec.weight_signed, shift)
            of_weight.add_times(m, f"{name}_adw", heap, act, spec.act_signed, shift)
            if spec.error_product:
                of_act.add_product(m, f"{name}_dadw", heap, of_weight)

    def _chosen(self, m: Module) -> Mapping[str, Value]:
        """Return the products of a beat, or the term that it brings."""
        spec = self.spec
        buffer = BlockBuffer(m, self)
        word, known = buffer.chosen(self.index, self.of_weight)
        one = self.heap(m, spec.totals["sum"].gain.width, "term_products")
        magnitude = self.magnitude if spec.magnitude_bits else self.index[:0]
        estimate = Estimate.of(m, "term", ~(self.term & known), self.minus, magnitude)
        estimate.add_times(m, "term", one, word, True, 0)
        term = number(m, "term_value", one.sum(), True)
        products = number(m, "products", self._products(m, "sum", spec.error_place), True)
        return {
            "sum": Mux(self.term, term, products),
            "count": self.term & known,
            "error": self.term & ~known,
        }


class Fpec(StreamDot):
    """Dot products of fixed point with error compensation; see `FpecSpec`."""

    def __init__(self, spec: FpecSpec) -> None:
        super().__init__(FpecCore(spec))

    def results(
        self, m: Module, totals: Mapping[str, Value], closing: Mapping[str, Value]
    ) -> Mapping[str, Value]:
        if "main" not in totals:
            return totals
        heap = self.core.heap(m, self.spec.results["sum"].bits, "closing", leaves=False)
        shift = self.spec.error_place * (1 + self.spec.error_product)
        main, errors = Signal.like(totals["main"]), Signal.like(totals["errors"])
        m.d.comb += [main.eq(totals["main"]), errors.eq(totals["errors"])]
        heap.add_word(main, shift)
        heap.add_word(errors)
        return {"sum": wired(m, "closing_total", heap.sum())}
