"""A PE: its tile of activations, all weights, and the sums of a group of output channels."""

from collections.abc import Mapping

from amaranth import Cat, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.onehot_mux import decode
from macsmith.rtl.external_memory import WithoutMemories
from macsmith.rtl.shared_module import instance
from macsmith.sparse.scnn.accumulator_bank import AccumulatorBank
from macsmith.sparse.scnn.channel_walker import ChannelWalker
from macsmith.sparse.scnn.compressed_files import CompressedFiles
from macsmith.sparse.scnn.plane_geometry import geometry_layout, seen
from macsmith.sparse.scnn.product_crossbar import ProductCrossbar, bank_of, chosen
from macsmith.sparse.scnn.result_compressor import ResultCompressor
from macsmith.sparse.scnn.spec import ScnnSpec
from macsmith.sparse.scnn.vector_places import VectorPlaces

BANK = "macsmith_bank"
"""The module of its banks."""

LOADS = ("act_end", "act", "weight_end", "weight")
"""What can be written from outside: each has a strobe."""

SOURCES = 4
"""Whose sums make up a result: its own, and those below, to the right, and between these."""


class ScnnPe(wiring.Component):
    """One of the grid's PEs.

        [ends] ─▶ walker ─▶ [vectors] ─▶ places ─▶ products ─▶ crossbar ─▶ [queues, sums] x banks
                                                                                  │
                         others' halos ─▶ + ◀─ show ──────────────────────────────┘
                                          └─▶ ReLU, compress ─▶ [vectors of results]

    A group's sums lie in the tile and the halo above and to the left of it, that is, in other PEs'
    tiles. While the next group is added up they are read one by one; those of the halo are given to
    the neighbour that they belong to.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    load_act_end, load_act, load_weight_end, load_weight : In(1)
        Write ``load_data`` at ``load_at``.
    load_at, load_data : In
        Where, and what.
    swap : In(1)
        Which of two files is the source.
    begins, start, fresh : In(1)
        A run begins; a group does; it is the run's first.
    channels, geometry : In
        Of the layer.
    buffer : In(1)
        Which sums are added up.
    drain, drain_at : In
        Read a sum of the other ones.
    adds, source, renews : In
        Two cycles later: add what ``source`` gives, to nothing if ``renews``.
    gives, closes, drain_row, drain_col : In
        In the cycle after that: the result is whole, and where it lies; it is its channel's last.
    row_limit, col_limit : In
        Rows and columns of the tile that are in the layer's plane.
    relu, shift : In
        See `ResultCompressor`.
    share : Out(acc_width)
        What was read, two cycles later.
    below, right, corner : In(acc_width)
        What the neighbours share.
    show, show_end, show_at : In
        Read a vector of results, or a channel's end.
    shown_end, shown_word : Out
        They.
    busy, conflict, error : Out(1)
        Whether a group is at work, products found no room in this cycle, and something has been
        wrong in this run.
    """

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        self.bank = AccumulatorBank(spec)
        self.index_bits = (spec.plane * spec.group - 1).bit_length()
        places = max(spec.act_words, spec.weight_words, spec.channels, spec.channels * spec.groups)
        word, acc, tile = spec.acts * spec.act_bits, spec.acc_width, range(spec.tile)
        both = range(max(spec.act_words, spec.channels))
        super().__init__(
            {
                **{f"load_{one}": In(1) for one in LOADS},
                "load_at": In(range(places)),
                "load_data": In(max(word, spec.weights * spec.weight_bits, spec.number_bits)),
                "swap": In(1), "begins": In(1), "start": In(1), "fresh": In(1),
                "channels": In(range(spec.channels + 1)),
                "geometry": In(geometry_layout(spec).size),
                "buffer": In(1), "drain": In(1), "drain_at": In(self.index_bits),
                "adds": In(1), "source": In(range(SOURCES)), "renews": In(1),
                "gives": In(1), "closes": In(1), "drain_row": In(tile), "drain_col": In(tile),
                "row_limit": In(range(spec.tile + 1)), "col_limit": In(range(spec.tile + 1)),
                "relu": In(1), "shift": In(range(acc)),
                "share": Out(acc), "below": In(acc), "right": In(acc), "corner": In(acc),
                "show": In(1), "show_end": In(1), "show_at": In(both),
                "shown_end": Out(range(spec.act_words + 1)), "shown_word": Out(word),
                "busy": Out(1), "conflict": Out(1), "error": Out(1),
            }
        )  # fmt: skip

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {BANK: self.bank}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        m.submodules.walker = walker = ChannelWalker(spec)
        m.submodules.files = files = CompressedFiles(spec)
        m.submodules.places = places = VectorPlaces(spec)
        m.submodules.crossbar = crossbar = ProductCrossbar(spec)
        weight, weight_end = self._weights(m, walker)
        # A pair that the walker gives is read in that cycle.
        valid = Signal()
        renews = Signal()
        first = Signal()
        with m.If(crossbar.go):
            m.d.sync += [
                valid.eq(walker.given), renews.eq(walker.renews), first.eq(walker.first)
            ]  # fmt: skip
        stage = {
            "placed", "acts", "weights", "act_some", "weight_some", "act_at", "weight_at",
            "weight_channel",
        }  # fmt: skip
        m.d.comb += [
            walker.start.eq(self.start), walker.fresh.eq(self.fresh),
            walker.channels.eq(self.channels), walker.go.eq(crossbar.go),
            walker.act_fetched.eq(files.end), walker.weight_fetched.eq(weight_end),
            files.fetch.eq(walker.fetch), files.channel.eq(walker.act_channel),
            files.read.eq(walker.given & walker.renews & crossbar.go),
            files.read_at.eq(walker.act_at),
            files.swap.eq(self.swap), files.load_end.eq(self.load_act_end),
            files.load_word.eq(self.load_act), files.load_at.eq(self.load_at),
            files.load_data.eq(self.load_data),
            places.go.eq(crossbar.go), places.geometry.eq(self.geometry),
            places.valid.eq(valid), places.renews.eq(renews), places.first.eq(first),
            places.act.eq(files.word), places.weight.eq(weight),
            crossbar.corner.eq(seen(spec, self.geometry).corner),
            *(getattr(crossbar, name).eq(getattr(places, name)) for name in sorted(stage)),
            self.conflict.eq(~crossbar.go),
        ]  # fmt: skip
        waits, shown = self._banks(m, crossbar)
        m.submodules.compressor = compressor = ResultCompressor(spec)
        self._drain(m, shown, compressor, files)
        m.d.comb += self.busy.eq(
            walker.busy | valid | places.busy | places.placed | crossbar.busy | waits
        )
        with m.If(self.begins):
            m.d.sync += self.error.eq(0)
        with m.Elif(walker.wrong | places.wrong | compressor.wrong):
            m.d.sync += self.error.eq(1)
        return m

    def _weights(self, m: Module, walker: ChannelWalker) -> tuple[Value, Value]:
        """Return the vector of weights, and the end of a channel, that were read last."""
        spec = self.spec
        vector = spec.weights * spec.weight_bits
        words: memory.Memory = memory.Memory(shape=vector, depth=spec.weight_words, init=[])
        ends: memory.Memory = memory.Memory(
            shape=range(spec.weight_words + 1), depth=max(2, spec.channels * spec.groups), init=[]
        )
        m.submodules.weight_words = words
        m.submodules.weight_ends = ends
        write, write_end = words.write_port(), ends.write_port()
        read, read_end = words.read_port(), ends.read_port()
        m.d.comb += [
            write.en.eq(self.load_weight), write.addr.eq(self.load_at),
            write.data.eq(self.load_data),
            write_end.en.eq(self.load_weight_end), write_end.addr.eq(self.load_at),
            write_end.data.eq(self.load_data),
            read.en.eq(walker.given & walker.go), read.addr.eq(walker.weight_at),
            read_end.en.eq(walker.fetch), read_end.addr.eq(walker.weight_channel),
        ]  # fmt: skip
        return read.data, read_end.data

    def _banks(self, m: Module, crossbar: ProductCrossbar) -> tuple[Value, Value]:
        """Return whether products wait, and the sum that was read two cycles ago."""
        spec, bank = self.spec, self.bank
        at, row = bank_of(Cat(self.drain_at, Signal(8, name="no_more")), spec.banks)
        lines = decode(m, at, spec.banks, "drain_lines")
        lines_read = Signal(spec.banks)
        with m.If(self.drain):
            m.d.sync += lines_read.eq(Cat(lines))
        busy = Signal(spec.banks)
        sums = []
        ports = spec.ports.bit_length()
        width = spec.ports * spec.queued_bits
        for number in range(spec.banks):
            shown = Signal(spec.acc_width, name=f"shown_{number}")
            m.submodules[f"bank_{number}"] = instance(
                BANK, bank,
                count=crossbar.count.word_select(number, ports),
                entries=crossbar.entries.word_select(number, width),
                room=crossbar.room.word_select(number, ports),
                swap=self.buffer, forget=self.start, show=self.drain & lines[number],
                show_at=row[: spec.row_bits], shown=shown, busy=busy[number],
            )  # fmt: skip
            sums.append(shown)
        return busy.any(), chosen(lines_read, sums)

    def _drain(
        self, m: Module, shown: Value, compressor: ResultCompressor, files: CompressedFiles
    ) -> None:
        """Share what was read, add it up, and compress what is whole."""
        spec = self.spec
        read = Signal()
        total = Signal(spec.acc_width)
        given = Signal(spec.acc_width)
        m.d.sync += read.eq(self.drain)
        with m.If(read):
            m.d.sync += self.share.eq(shown)
        halves = (
            Mux(self.source[0], self.below, self.share),
            Mux(self.source[0], self.corner, self.right),
        )
        m.d.comb += given.eq(Mux(self.source[1], halves[1], halves[0]))
        with m.If(self.adds):
            m.d.sync += total.eq(Mux(self.renews, 0, total) + given)
        inside = (self.drain_row < self.row_limit) & (self.drain_col < self.col_limit)
        m.d.comb += [
            compressor.begins.eq(self.begins), compressor.gives.eq(self.gives),
            compressor.closes.eq(self.closes), compressor.sum.eq(total),
            compressor.inside.eq(inside), compressor.relu.eq(self.relu),
            compressor.shift.eq(self.shift),
            files.store.eq(compressor.store), files.store_at.eq(compressor.store_at),
            files.store_word.eq(compressor.store_word), files.closes.eq(compressor.ends),
            files.closed.eq(compressor.ended), files.closed_at.eq(compressor.end),
            files.show.eq(self.show), files.show_end.eq(self.show_end),
            files.show_at.eq(self.show_at),
            self.shown_end.eq(files.shown_end), self.shown_word.eq(files.shown_word),
        ]  # fmt: skip


class ScnnPeLogic(ScnnPe):
    """The PE without its memories, which are instances for macros to take their place."""

    platform = WithoutMemories()
