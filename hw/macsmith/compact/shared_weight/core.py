"""The cores of weights that share values."""

from collections.abc import Mapping, Sequence

from amaranth import Cat, Module, Mux, Signal, Value

from macsmith.arith.onehot_mux import any_of, equals
from macsmith.arith.partial_products import add_product
from macsmith.compact.shared_weight.spec import SharedWeightSpec
from macsmith.compact.stream_dot.core import StreamDotCore
from macsmith.compact.stream_dot.unit import StreamDot
from macsmith.rtl.named_signal import number, wired


class LookUpCore(StreamDotCore[SharedWeightSpec]):
    """A codebook in registers, read by each lane, and products in one heap.

    A packet whose first beat is an entry begins with an empty codebook; any other has that of the
    packet before.
    """

    def gains(self, m: Module) -> Mapping[str, Value]:
        spec = self.spec
        held = Signal(spec.entries, name="loaded", reset_less=True)
        loaded = Signal(spec.entries, name="loaded_now")
        fresh = wired(m, "fresh", self.opens & self.entry)
        lines = Cat(equals(self.place, at) for at in range(spec.entries))
        stores = wired(m, "stores", lines & self.entry.replicate(spec.entries))
        m.d.comb += loaded.eq(held & ~fresh.replicate(spec.entries))
        with m.If(self.beat_en):
            m.d.sync += held.eq(loaded | stores)
        book = []
        for at in range(spec.entries):
            word = Signal(spec.weight_bits, name=f"entry{at}", reset_less=True)
            with m.If(self.beat_en & stores[at]):
                m.d.sync += word.eq(self.value)
            book.append(word)
        heap = self.heap(m, spec.totals["sum"].gain.width, "products")
        wrong = []
        for lane, (act, index) in enumerate(
            zip(self.operand("a"), self.operand("index"), strict=True)
        ):
            reads = Cat(equals(index, at) for at in range(spec.entries)) & loaded
            reads = wired(m, f"reads{lane}", reads)
            weight = Signal(spec.weight_bits, name=f"weight{lane}")
            m.d.comb += weight.eq(chosen(reads, book))
            wrong.append(~reads.any())
            add_product(heap, act, weight, act_sign=spec.act_signed, weight_sign=spec.weight_signed)
        total = wired(m, "products_total", heap.sum())
        missing = ~self.entry & Cat(wrong).any()
        return {
            "sum": total & (~self.entry).replicate(len(total)),
            "error": missing | (self.entry & ~lines.any()),
        }


class SumsCore(StreamDotCore[SharedWeightSpec]):
    """Sums of activations for each index, and one multiplier for the entries."""

    def gains(self, m: Module) -> Mapping[str, Value]:
        spec = self.spec
        shape = spec.bin.shape
        lanes = list(zip(self.operand("a"), self.operand("index"), strict=True))
        lines = wired(m, "takes", Cat(equals(self.place, at) for at in range(spec.entries)))
        now = []
        exist = [Cat(equals(index, at) for at in range(spec.entries)).any() for _, index in lanes]
        for at in range(spec.entries):
            held = Signal(shape.width, name=f"bin{at}", reset_less=True)
            kept = Signal(shape, name=f"bin{at}_now")
            m.d.comb += kept.eq(held & ~self.opens.replicate(len(held)))
            heap = self.heap(m, shape.width, f"bin{at}_sum", leaves=False)
            heap.add_word(kept)
            for lane, (act, index) in enumerate(lanes):
                mine = wired(m, f"bin{at}_takes{lane}", equals(index, at))
                word = act & mine.replicate(len(act))
                heap.add_word(number(m, f"bin{at}_act{lane}", word, spec.act_signed))
            following = wired(m, f"bin{at}_next", heap.sum())
            left = kept.as_unsigned() & ~lines[at].replicate(shape.width)
            with m.If(self.beat_en):
                m.d.sync += held.eq(Mux(self.entry, left, following))
            now.append(kept.as_unsigned())
        bin_ = Signal(shape.width, name="bin_taken")
        m.d.comb += bin_.eq(chosen(lines, now) & self.entry.replicate(shape.width))
        heap = self.heap(m, spec.totals["sum"].gain.width, "product")
        add_product(heap, bin_, self.value, act_sign=shape.signed, weight_sign=spec.weight_signed)
        return {
            "sum": heap.sum(),
            "error": Mux(self.entry, ~lines.any(), ~Cat(exist).all()),
        }


def chosen(lines: Value, words: Sequence[Value]) -> Value:
    """Return the word whose line is up, zero if none is."""
    return any_of(
        [word & line.replicate(len(word)) for line, word in zip(lines, words, strict=True)]
    )


class SharedWeight(StreamDot):
    """Dot products of weights that share values; see `SharedWeightSpec`."""

    def __init__(self, spec: SharedWeightSpec) -> None:
        super().__init__(core_of(spec))


def core_of(spec: SharedWeightSpec) -> StreamDotCore[SharedWeightSpec]:
    """Return the core that a specification asks for."""
    return LookUpCore(spec) if spec.order == "look-up" else SumsCore(spec)
