"""The EBSP MAC: a pattern times the activation, moved to its place, added or subtracted."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from amaranth import Cat, Const, Module, Value

from macsmith.arith.bit_heap import Rows
from macsmith.arith.conditional_negate import negated, negated_rows
from macsmith.mac.core import MacCore
from macsmith.mac.ebsp.operand_registers import EbspFeeder
from macsmith.mac.ebsp.pattern_product import (
    Heap,
    bank,
    by_digits,
    from_bank,
    multiple_widths,
    shared_rows,
    signed_digits,
)
from macsmith.mac.ebsp.spec import EbspSpec
from macsmith.mac.ebsp.weight_steering import Window, decoded, kept, steered, window_of
from macsmith.mac.multiplier import WholeProduct
from macsmith.rtl.named_signal import number, wired


class Ebsp(WholeProduct[EbspSpec]):
    """Core of the EBSP MAC; its weights are codes, unless the detector is in the datapath."""

    feeder_type = EbspFeeder

    @property
    def element_widths(self) -> tuple[int, int]:
        return self.spec.act_width, self.spec.kept_weight_bits

    @classmethod
    def sharing(cls, spec: EbspSpec) -> type[MacCore[EbspSpec]]:
        return type(f"Banked{cls.__name__}", (BankedRow, cls), {}) if spec.lut == "bank" else cls

    def kept_weights(self, m: Module, weights: Sequence[Value]) -> list[Value]:
        words = kept(m, weights, self.spec)
        return [wired(m, f"code{index}", word) for index, word in enumerate(words)]

    def multiply(self, m: Module) -> Rows:
        heap = self.heap(m, self.spec.product_width, "pp", leaves=True)
        for name, act, window in self._operands(m):
            for rows, place in self._rows(m, name, act, window):
                heap.add_rows(rows, place)
        return heap.pending() if self.spec.stages == 1 else heap.rows(0)

    def product(self, m: Module) -> Value:
        if self.spec.length > 1 or self.spec.lut == "signed-digits":
            return super().product(m)
        ((name, act, window),) = self._operands(m)
        word, negative = self._product(m, name, act, window)
        if not word.shape().signed:
            word = Cat(word, Const(0, 1)).as_signed()
        # Negated before it is moved, when it is shortest.
        signed_word = negated(m, f"{name}_product", wired(m, f"{name}_word", word), negative)
        return window.placed(m, f"{name}_placed", signed_word)

    def _rows(self, m: Module, name: str, act: Value, window: Window) -> Iterator[tuple[Rows, int]]:
        """Yield rows that add up to the product, and their places.

        Those of a zero activation are zeros, and rest whatever the weight is.
        """
        some = wired(m, f"{name}_some", act[: self.spec.act_width].any())
        if self.spec.lut != "signed-digits":
            word, negative = self._product(m, name, act, window)
            placed = window.placed(m, f"{name}_placed", word)
            negative = wired(m, f"{name}_negative", negative & some)
            yield negated_rows(m, f"{name}_product", placed, negative), 0
            return
        # Moved once, before there are rows of it.
        moved = window.placed(m, f"{name}_moved", act)
        for word, above, place in signed_digits(m, name, moved, window.pattern):
            negative = wired(m, f"{name}_negative{place}", (window.negative ^ above) & some)
            yield negated_rows(m, f"{name}_signed{place}", word, negative), place

    def _operands(self, m: Module) -> Iterator[tuple[str, Value, Window]]:
        """Yield a name, the activation and the weight's window of each element."""
        take = steered if self.spec.steering == "datapath" else decoded
        for index, (act, weight) in enumerate(self.elements()):
            name = f"element{index}"
            window = take(m, f"{name}_weight", wired(m, f"{name}_w", weight), self.spec)
            yield name, number(m, f"{name}_act", act, self.spec.act_signed), window

    def _product(self, m: Module, name: str, act: Value, window: Window) -> tuple[Value, Value]:
        """Return a pattern times an activation, and whether that counts negative."""
        lut, pattern, negative = self.spec.lut, window.pattern, window.negative
        name = f"{name}_times"
        if lut == "bank":
            return from_bank(m, name, self.multiples(m, name, act), pattern), negative
        if lut == "shared-rows":
            return shared_rows(m, name, self._heaps(m), act, pattern, self.spec.pattern), negative
        if lut == "dual-window":
            mine = self._act_window(m, name, act)
            digits = len(mine.pattern)
            table = by_digits(m, name, self._heaps(m), mine.pattern, pattern, digits)
            return mine.placed(m, f"{name}_moved", table), negative ^ mine.negative
        digits = {"digits-4": 4, "digits-2": 2, "whole": len(act)}[lut]
        return by_digits(m, name, self._heaps(m), act, pattern, digits), negative

    def multiples(self, m: Module, name: str, act: Value) -> list[Value]:
        """Return the odd multiples of an element's activation."""
        return list(bank(m, name, self._heaps(m), act, self.spec.pattern))

    def _heaps(self, m: Module) -> Heap:
        """Return what makes heaps of adder cells."""
        return lambda width, name: self.heap(m, width, name, leaves=True)

    def _act_window(self, m: Module, name: str, act: Value) -> Window:
        """Return the window of an activation."""
        name, magnitude = f"{name}_act", act
        negative: Value = Const(0, 1)
        if act.shape().signed:
            # -2^(n-1) has a magnitude of n bits.
            negative = act[-1]
            magnitude = negated(m, f"{name}_magnitude", act, negative)
        return window_of(m, name, magnitude, negative, self.spec.pattern)


class BankedRow(Ebsp):
    """What a core that shares a bank inherits, before its own class: multiples are its ``act``."""

    @property
    def element_widths(self) -> tuple[int, int]:
        return sum(self._widths), self.spec.kept_weight_bits

    def share(self, m: Module, name: str, acts: Sequence[Value]) -> list[Value]:
        words = []
        for index, act in enumerate(acts):
            own = f"{name}_act{index}"
            value = number(m, f"{own}_act", act, self.spec.act_signed)
            multiples = Ebsp.multiples(self, m, f"{own}_times", value)
            words.append(wired(m, f"{name}_bank{index}", Cat(multiples)))
        return list(words)

    def multiples(self, m: Module, name: str, act: Value) -> list[Value]:
        ends = [0, *accumulate(self._widths)]
        words = [act[low:high] for low, high in pairwise(ends)]
        return [
            number(m, f"{name}_{index}", word, self.spec.act_signed)
            for index, word in enumerate(words)
        ]

    @property
    def _widths(self) -> list[int]:
        return list(multiple_widths(self.spec.act_width, self.spec.pattern).values())
