"""The core of binary weights."""

from collections.abc import Mapping

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.bit_heap import BitHeap
from macsmith.compact.stream_dot.core import StreamDotCore
from macsmith.compact.stream_dot.unit import StreamDot
from macsmith.compact.xnor.spec import XnorSpec
from macsmith.rtl.named_signal import wired


class XnorCore(StreamDotCore[XnorSpec]):
    """Counts of ones in one heap, those of a plane at its weight."""

    def gains(self, m: Module) -> Mapping[str, Value]:
        spec = self.spec
        heap = self.heap(m, spec.totals["sum"].gain.width, "ones", leaves=False)
        counts, beyond = self._lanes_that_count(m)
        lanes = enumerate(zip(self.operand("a"), self.operand("w"), strict=True))
        for lane, (act, weight) in lanes:
            counted = counts[lane] if counts else Const(1, 1)
            if spec.acts == "bipolar":
                self._add_bipolar(m, heap, lane, act, weight, counted)
            else:
                self._add_planes(m, heap, lane, act, weight, counted)
        gains: dict[str, Value] = {"sum": heap.sum()}
        if spec.tail == "count":
            gains["error"] = beyond
        return gains

    def _lanes_that_count(self, m: Module) -> tuple[list[Value], Value]:
        """Return of each lane whether it counts, and whether more were told than there are."""
        spec = self.spec
        if spec.tail == "mask":
            return self.operand("mask"), Const(0, 1)
        if spec.tail == "none":
            return [], Const(0, 1)
        used = self.used
        beyond = wired(m, "beyond", used > spec.products)
        mask = Signal(spec.products, name="counts")
        m.d.comb += mask.eq(Cat(used > lane for lane in range(spec.products)))
        return list(mask), beyond

    def _add_bipolar(
        self, m: Module, heap: BitHeap, lane: int, act: Value, weight: Value, counted: Value
    ) -> None:
        """Add twice a bit, less one where the lane counts."""
        bipolar = self.spec.weights == "bipolar"
        counts = counted if bipolar else _both(counted, weight)
        same = ~(act ^ weight) if bipolar else act
        heap.add(wired(m, f"same{lane}", _both(counts, same)), 1)
        heap.add(wired(m, f"counts{lane}", counts), 0, True) if not isinstance(
            counts, Const
        ) else heap.add_constant(-1)

    def _add_planes(
        self, m: Module, heap: BitHeap, lane: int, act: Value, weight: Value, counted: Value
    ) -> None:
        """Add a number, or its negation ``~a + 1``, bit by bit."""
        spec = self.spec
        top = spec.act_bits - 1
        if spec.weights == "binary":
            gate = wired(m, f"gate{lane}", _both(counted, weight))
            for plane, bit in enumerate(act):
                negative = spec.act_signed and plane == top
                heap.add(wired(m, f"bit{lane}_{plane}", bit & gate), plane, negative)
            return
        minus = wired(m, f"minus{lane}", _both(counted, ~weight))
        for plane, bit in enumerate(act):
            negative = spec.act_signed and plane == top
            flipped = wired(m, f"bit{lane}_{plane}", _both(counted, bit) ^ minus)
            heap.add(flipped, plane, negative)
        heap.add(minus, 0)
        if not spec.act_signed:
            # The inversion has a sign bit too: its weight is that of the first plane above.
            heap.add(minus, spec.act_bits, True)


def _both(one: Value, other: Value) -> Value:
    """Return the AND of two bits, the first of which may be a constant 1."""
    return other if isinstance(one, Const) else one & other


class Xnor(StreamDot):
    """Dot products with binary weights; see `XnorSpec`."""

    def __init__(self, spec: XnorSpec) -> None:
        super().__init__(XnorCore(spec))

    def results(
        self, m: Module, totals: Mapping[str, Value], closing: Mapping[str, Value]
    ) -> Mapping[str, Value]:
        if "threshold" not in closing:
            return totals
        shape = self.spec.totals["sum"].shape
        total, threshold = Signal(shape, name="total"), Signal(shape, name="threshold")
        m.d.comb += [total.eq(totals["sum"]), threshold.eq(closing["threshold"])]
        bit = wired(m, "reaches", (total >= threshold) ^ closing["flip"])
        return {"bit": bit, **{name: one for name, one in totals.items() if name != "sum"}}
