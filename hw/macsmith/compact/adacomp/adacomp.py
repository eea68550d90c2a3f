"""The AdaComp packer: a ring of elements between two passes, bins and the mean beside it."""

from dataclasses import dataclass

from amaranth import Cat, Module, Mux, Signal, Value, signed
from amaranth.lib import memory

from macsmith.compact.adacomp.bin_intake import BinIntake
from macsmith.compact.adacomp.rounded_mean import RoundedMean
from macsmith.compact.adacomp.spec import AdaCompSpec
from macsmith.rtl.external_memory import WithoutMemories
from macsmith.rtl.ring import following
from macsmith.rtl.stream_component import StreamComponent
from macsmith.rtl.stream_fifo import StreamFifo

LAYERS = 2
"""Layers that may be under way: one whose scale is reckoned, one whose elements come."""


@dataclass(frozen=True)
class Kept:
    """An element as the ring keeps it: G, its gradient, whether it ends its bin and its layer."""

    kept: Value
    gradient: Value
    ends: Value
    last: Value

    @classmethod
    def of(cls, spec: AdaCompSpec, word: Value) -> "Kept":
        """Return the element of a word."""
        width = spec.residue_width
        return cls(word[:width].as_signed(), word[width:-2].as_signed(), word[-2], word[-1])


class AdaComp(StreamComponent):
    """Elements of layers in; residues, what is sent of them, and scales out.

        i ─▶ intake ─▶ ring of elements ─▶ compare ─▶ [o]
                │                             ▲
                ├────▶ greatest of bins ──────┘
                └────▶ mean of these ─▶ [scale] ─▶ last beat

    The second pass of a bin runs while the next one comes in, a place of the ring being free as
    soon as it is read: so a ring of a bin and a few words does what two buffers of a bin each
    would. One element a cycle, and a cycle a layer for its last beat, which waits for the mean
    (`RoundedMean`). A beat that nobody takes stops the second pass, and the first when the ring is
    full; ``i.ready`` is of registers alone. ``rst`` drops what is in flight.

    Parameters
    ----------
    spec:
        The packer.

    Members
    -------
    i : In(stream.Signature(spec.input_layout))
        Elements.
    o : Out(stream.Signature(spec.output_layout))
        What becomes of them.
    """

    def __init__(self, spec: AdaCompSpec) -> None:
        self.spec = spec
        super().__init__(spec.input_layout, spec.output_layout)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        words: memory.Memory = memory.Memory(shape=spec.word_width, depth=spec.depth, init=[])
        m.submodules.words = words
        write, read = words.write_port(), words.read_port()
        m.submodules.intake = intake = BinIntake(spec)
        m.submodules.greatest = greatest = StreamFifo(spec.magnitude_width, spec.open_bins)
        m.submodules.mean = mean = RoundedMean(spec.magnitude_width, spec.count_width)
        reads, bin_done, layer_done = Signal(), Signal(), Signal()
        self._admit(m, intake, reads, bin_done, layer_done)
        tail = Signal(range(spec.depth))
        m.d.comb += [
            write.en.eq(intake.valid), write.addr.eq(tail),
            write.data.eq(Cat(intake.kept, intake.gradient, intake.ends, intake.last)),
            greatest.i.valid.eq(intake.valid & intake.ends), greatest.i.payload.eq(intake.greatest),
            mean.add.eq(greatest.i.valid), mean.number.eq(intake.greatest),
            mean.last.eq(intake.last), mean.flag.eq(intake.saturated),
        ]  # fmt: skip
        with m.If(intake.valid):
            m.d.sync += tail.eq(following(tail, spec.depth))
        # The second pass: an element of a bin that is whole, if the one before makes room.
        head = Signal(range(spec.depth))
        ready_bins = Signal(range(spec.open_bins + 1))
        standing, ending = Signal(), Signal()
        goes, tells, moves = Signal(), Signal(), Signal()
        one = Kept.of(spec, read.data)
        m.d.comb += [
            moves.eq(~self.o.valid | self.o.ready),
            goes.eq(standing & moves & ~ending), tells.eq(ending & moves & mean.valid),
            bin_done.eq(goes & one.ends), layer_done.eq(tells), mean.take.eq(tells),
            greatest.o.ready.eq(bin_done),
            reads.eq((~standing | goes) & (ready_bins > bin_done)),
            read.en.eq(reads), read.addr.eq(head),
        ]  # fmt: skip
        m.d.sync += ready_bins.eq(ready_bins + greatest.i.valid - bin_done)
        with m.If(reads):
            m.d.sync += head.eq(following(head, spec.depth))
        with m.If(~standing | goes):
            m.d.sync += standing.eq(reads)
        with m.If(goes | tells):
            m.d.sync += ending.eq(goes & one.last)
        with m.If(moves):
            m.d.sync += self.o.valid.eq(goes | tells)
        sent, item, index, first = self._item(m, one, greatest.o.payload, goes)
        payload = self.o.payload
        with m.If(goes | tells):
            m.d.sync += [
                payload.residue.eq(Mux(tells, mean.mean, one.kept)),
                payload.sent.eq(sent & ~tells), payload.item.eq(item & ~tells),
                payload.index.eq(index & (item & ~tells).replicate(spec.index_width)),
                payload.negative.eq(sent & one.kept[-1] & ~tells),
                payload.first.eq(item & first & ~tells), payload.error.eq(tells & mean.error),
                payload.last.eq(tells),
            ]  # fmt: skip
        return m

    def _admit(
        self, m: Module, intake: BinIntake, reads: Signal, bin_done: Signal, layer_done: Signal
    ) -> None:
        """Take an element if there is room for it, its bin and its layer."""
        spec = self.spec
        used = Signal(range(spec.depth + 1))
        bins = Signal(range(spec.open_bins + 1))
        layers = Signal(range(LAYERS + 1))
        begins_bin, begins_layer = Signal(), Signal()
        m.d.comb += [
            self.i.ready.eq(
                (used != spec.depth) & ~(intake.begins & (bins == spec.open_bins))
                & ~(intake.fresh & (layers == LAYERS))
            ),
            intake.taken.eq(self.i.valid & self.i.ready), intake.i.eq(self.i.payload),
            begins_bin.eq(intake.taken & intake.begins),
            begins_layer.eq(intake.taken & intake.fresh),
        ]  # fmt: skip
        m.d.sync += [
            used.eq(used + intake.taken - reads), bins.eq(bins + begins_bin - bin_done),
            layers.eq(layers + begins_layer - layer_done),
        ]  # fmt: skip

    def _item(
        self, m: Module, one: Kept, greatest: Signal, goes: Signal
    ) -> tuple[Signal, Signal, Signal, Signal]:
        """Return whether an element is sent, whether there is an item, its index and its bin's
        beginning."""
        spec = self.spec
        above = Signal(signed(spec.residue_width + 3))
        below = Signal(signed(spec.residue_width + 3))
        sent, item, first = Signal(), Signal(), Signal(init=1)
        place = Signal(range(spec.bin))
        index = Signal(spec.index_width)
        m.d.comb += [
            # |H| >= g where H - g is not negative, or H + g is not positive.
            above.eq(one.kept + one.gradient - greatest),
            below.eq(one.kept + one.gradient + greatest),
            sent.eq((~above[-1] | below[-1] | ~below.any()) & one.kept.any()),
            item.eq(sent | (one.ends & first)),
            index.eq(Mux(sent, place, spec.bin)),
        ]
        with m.If(goes):
            m.d.sync += [
                place.eq(Mux(one.ends, 0, place + 1)), first.eq(one.ends | (first & ~item)),
            ]  # fmt: skip
        return sent, item, index, first


class AdaCompLogic(AdaComp):
    """The packer without its memory, which is an instance for a macro to take its place."""

    platform = WithoutMemories()
