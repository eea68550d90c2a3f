"""The core of a crossbar: cells in registers, sums of columns and slices, converters."""

from collections.abc import Mapping

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.arith.barrel_shift import shifted_left
from macsmith.arith.conditional_negate import negated
from macsmith.arith.onehot_mux import equals
from macsmith.compact.crossbar.spec import CrossbarSpec
from macsmith.compact.stream_dot.core import StreamDotCore
from macsmith.compact.stream_dot.unit import StreamDot
from macsmith.rtl.named_signal import wired


class CrossbarCore(StreamDotCore[CrossbarSpec]):
    """Clipped sums of cells, at the places of their slices and of the plane.

    A packet whose first beat writes begins with empty cells; any other has those of the packet
    before.
    """

    def gains(self, m: Module) -> Mapping[str, Value]:
        spec = self.spec
        fresh = wired(m, "fresh", self.opens & self.load)
        rows = wired(m, "writes", Cat(equals(self.row, at) for at in range(spec.products)))
        plane, top = self._plane(m)
        bits = self.operand("bits")
        gains: dict[str, Value] = {}
        for column, weight in enumerate(self.operand("w")):
            name = f"column{column}"
            minus = weight[-1]
            size = negated(m, f"{name}_size", wired(m, f"{name}_weight", weight), minus)
            width = spec.totals[f"sum{column}"].gain.width
            heap = self.heap(m, width, f"{name}_slices", leaves=False)
            for part, mine in (("plus", ~minus), ("minus", minus)):
                stored = size & mine.replicate(spec.weight_bits)
                cells = self._cells(m, f"{name}_{part}", stored, rows, fresh)
                for at in range(spec.slices):
                    low, high = at * spec.cell_bits, (at + 1) * spec.cell_bits
                    read = [cell[low:high] & bit.replicate(len(cell[low:high]))
                            for cell, bit in zip(cells, bits, strict=True)]  # fmt: skip
                    count = self._converted(m, f"{name}_{part}{at}", read)
                    for place, bit in enumerate(count, low):
                        heap.add(bit, place, part == "minus")
            value = wired(m, f"{name}_value", heap.sum())
            moved = shifted_left(m, f"{name}_moved", value, plane, width)
            signed_plane = negated(m, f"{name}_plane", moved, top)
            gains[f"sum{column}"] = signed_plane & (~self.load).replicate(width)
        return gains | {"error": self.load & ~rows.any()}

    def _plane(self, m: Module) -> tuple[Signal, Value]:
        """Return the number of the plane, and whether it is that of the sign."""
        spec = self.spec
        held = Signal(range(spec.act_bits), name="plane_held", reset_less=True)
        plane = Signal(range(spec.act_bits), name="plane")
        m.d.comb += plane.eq(Mux(self.opens, 0, held))
        last = equals(plane, spec.act_bits - 1) if len(plane) else Const(1, 1)
        with m.If(self.beat_en):
            m.d.sync += held.eq(Mux(self.load, plane, Mux(last, 0, plane + 1)))
        top = wired(m, "subtracts", last & spec.act_signed)
        return plane, top

    def _cells(self, m: Module, name: str, word: Value, rows: Value, fresh: Value) -> list[Value]:
        """Return the cells of a column, slices side by side."""
        cells: list[Value] = []
        for row in range(self.spec.products):
            held = Signal(self.spec.weight_bits, name=f"{name}_row{row}", reset_less=True)
            writes = self.beat_en & self.load
            with m.If(writes & rows[row]):
                m.d.sync += held.eq(word)
            with m.Elif(writes & fresh):
                m.d.sync += held.eq(0)
            cells.append(held)
        return cells

    def _converted(self, m: Module, name: str, words: list[Value]) -> Signal:
        """Return the sum of a column and slice as its converter gives it."""
        spec = self.spec
        heap = self.heap(m, spec.exact_adc_bits, f"{name}_cells", leaves=False)
        for row, word in enumerate(words):
            heap.add_word(wired(m, f"{name}_read{row}", word))
        count = wired(m, f"{name}_sum", heap.sum())
        clipped = Signal(spec.clip.bit_length(), name=f"{name}_adc")
        m.d.comb += clipped.eq(Mux(count > spec.clip, spec.clip, count))
        return clipped


class Crossbar(StreamDot):
    """A crossbar of memory cells; see `CrossbarSpec`."""

    def __init__(self, spec: CrossbarSpec) -> None:
        super().__init__(CrossbarCore(spec))

    def results(
        self, m: Module, totals: Mapping[str, Value], closing: Mapping[str, Value]
    ) -> Mapping[str, Value]:
        sums = Cat(totals[name].as_unsigned() for name in self.spec.totals if name != "error")
        return {"sum": sums, "error": totals["error"]}
