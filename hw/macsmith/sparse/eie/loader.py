"""What packets bring: memories are written, runs begin, and what does not fit is answered."""

from typing import Any

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.eie.spec import EieSpec, Kind


class Loader(wiring.Component):
    """Takes a packet, and no other before it is answered.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    i : In(stream.Signature(spec.input_layout))
        Packets.
    codebook : Out(1)
        Write a weight of the codebook in all PEs.
    pointer, entries, act : Out(pes)
        Write it in a PE; a bit each.
    at, data : Out
        Where, and what.
    forget : Out(1)
        Activations follow: the old ones are gone.
    begins : Out(1)
        A run begins in this cycle.
    header : Out(spec.header)
        Its header.
    swap : Out(1)
        Which file is its source.
    answer, failed : Out(1)
        The packet is answered by one beat, and whether by an error.
    done : In(1)
        It has been answered.
    """

    i: stream.Interface
    codebook: Signal
    pointer: Signal
    entries: Signal
    act: Signal
    at: Signal
    data: Signal
    forget: Signal
    begins: Signal
    header: Any
    swap: Signal
    answer: Signal
    failed: Signal
    done: Signal

    def __init__(self, spec: EieSpec, places: int) -> None:
        self.spec = spec
        each = spec.pes
        super().__init__(
            {
                "i": In(stream.Signature(spec.input_layout)),
                "codebook": Out(1), "pointer": Out(each), "entries": Out(each), "act": Out(each),
                "at": Out(range(places)), "data": Out(spec.beat_bits),
                "forget": Out(1), "begins": Out(1), "header": Out(spec.header), "swap": Out(1),
                "answer": Out(1), "failed": Out(1), "done": In(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, beat = self.spec, self.i.payload
        # A packet: none, one that fills a memory, activations, what is dropped, an answer.
        idle = Signal(init=1)
        loading = Signal()
        filling = Signal()
        skipping = Signal()
        taken = Signal()
        place = Signal(len(self.at) + 1)
        wrong = Signal()
        kept_kind = Signal(2)
        kept_pe = Signal(spec.pe_bits)
        kind = Signal(2)
        target = Signal(spec.pe_bits)
        m.d.comb += [
            self.i.ready.eq(idle | loading | filling | skipping),
            taken.eq(self.i.valid & self.i.ready),
            kind.eq(Mux(idle, beat.kind, kept_kind)), target.eq(Mux(idle, beat.pe, kept_pe)),
            self.data.eq(beat.data),
        ]  # fmt: skip
        with m.If(taken & idle):
            m.d.sync += [idle.eq(0), kept_kind.eq(beat.kind), kept_pe.eq(beat.pe)]
        loaded = Signal(init=not spec.codebook)
        self._load(m, taken & (idle | loading) & (kind != Kind.RUN), kind, target, place, wrong,
                   loading, loaded)  # fmt: skip
        starts = Signal()
        m.d.comb += starts.eq(taken & idle & (kind == Kind.RUN))
        legal = self._legal(m, loaded)
        chain = Signal()
        m.d.comb += [
            chain.eq(self.i.payload.data[: spec.header.size][-1]),
            self.forget.eq(starts & legal & ~chain),
        ]
        m.d.sync += self.begins.eq(starts & legal & chain)
        with m.If(starts):
            m.d.sync += [
                self.header.eq(beat.data), self.failed.eq(1),
                self.swap.eq(self.swap ^ (legal & chain)),
                filling.eq(legal & ~chain),
                skipping.eq(~legal & ~beat.last), self.answer.eq(~legal & beat.last),
            ]  # fmt: skip
        self._fill(m, taken & filling, place, wrong, filling)
        with m.If(taken & skipping & beat.last):
            m.d.sync += [skipping.eq(0), self.answer.eq(1)]
        with m.If(self.done):
            m.d.sync += [idle.eq(1), self.answer.eq(0)]
        return m

    def _load(
        self, m: Module, loads: Value, kind: Value, target: Value, place: Signal, wrong: Signal,
        loading: Signal, loaded: Signal,
    ) -> None:  # fmt: skip
        """Write beats into a memory as long as there is room; too many are an error."""
        spec, beat = self.spec, self.i.payload
        room = Signal()
        bad = Signal()
        book = Signal()
        m.d.comb += [
            book.eq(kind == Kind.CODEBOOK),
            room.eq(
                Mux(book, place < (2**spec.value_bits if spec.codebook else 0),
                    Mux(kind == Kind.POINTERS, place <= spec.columns, place < spec.words))
            ),
            # A codebook begins with the zero that pads runs, and is whole.
            bad.eq(
                wrong | ~room
                | (book & (place == 0) & beat.data[: spec.weight_width].any())
                | (book & beat.last & (place != 2**spec.value_bits - 1))
            ),
        ]  # fmt: skip
        writes = Signal()
        m.d.comb += [
            writes.eq(loads & room), self.codebook.eq(writes & book), self.at.eq(place),
        ]  # fmt: skip
        for pe in range(spec.pes):
            here = writes & (target == pe)
            m.d.comb += [
                self.pointer[pe].eq(here & (kind == Kind.POINTERS)),
                self.entries[pe].eq(here & (kind == Kind.ENTRIES)),
            ]
        with m.If(loads):
            m.d.sync += [
                loading.eq(~beat.last), self.answer.eq(beat.last), self.failed.eq(bad),
                place.eq(Mux(beat.last, 0, place + room)), wrong.eq(bad & ~beat.last),
            ]  # fmt: skip
            if spec.codebook:
                with m.If(book):
                    m.d.sync += loaded.eq(beat.last & ~bad)

    def _legal(self, m: Module, loaded: Value) -> Signal:
        """Return whether a run can begin by the header that is offered."""
        spec, beat = self.spec, self.i.payload
        header = Signal(spec.header, name="offered_header")
        before = Signal(range(spec.columns + 1))
        legal = Signal()
        sizes = Signal()
        m.d.comb += [
            header.eq(beat.data),
            sizes.eq(
                header.inputs.any() & (header.inputs <= spec.columns)
                & header.outputs.any() & (header.outputs <= spec.columns)
            ),
            legal.eq(
                loaded & sizes & (header.chain == beat.last)
                & (~header.chain | (header.inputs == before))
            ),
        ]  # fmt: skip
        with m.If(self.begins):
            m.d.sync += before.eq(self.header.outputs)
        return legal

    def _fill(self, m: Module, fills: Value, place: Signal, wrong: Signal, filling: Signal) -> None:
        """Write activations, each to the PE of its place; all of them begin the run."""
        spec, beat = self.spec, self.i.payload
        low = (spec.pes - 1).bit_length()
        room = Signal(name="act_room")
        whole = Signal()
        m.d.comb += [
            room.eq(place < self.header.inputs),
            whole.eq(~wrong & (place + 1 == self.header.inputs)),
        ]
        for pe in range(spec.pes):
            m.d.comb += self.act[pe].eq(fills & room & (place[:low] == pe if low else 1))
        with m.If(fills):
            m.d.comb += self.at.eq(place[low:])
            m.d.sync += [place.eq(place + room), wrong.eq(wrong | ~room)]
            with m.If(beat.last):
                m.d.sync += [
                    place.eq(0), wrong.eq(0), filling.eq(0),
                    self.begins.eq(whole), self.answer.eq(~whole),
                ]  # fmt: skip
