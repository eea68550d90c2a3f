"""A PE: activations wait, columns of weights are read, products are added to its rows."""

from amaranth import Cat, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from macsmith.rtl.external_memory import WithoutMemories
from macsmith.rtl.stream_fifo import StreamFifo
from macsmith.sparse.eie.accumulators import ActivationFiles
from macsmith.sparse.eie.arithmetic import EieArithmetic
from macsmith.sparse.eie.spec import EieSpec

LOADS = ("codebook", "pointer", "entries", "act")
"""What can be written from outside: each has a strobe."""

SHARED = ("swap", "forget", "begins", "read", "show", "read_at", "relu")
"""Ports of the files that are the PE's own."""


class EiePe(wiring.Component):
    """One of the engine's PEs, with every ``pes``-th row of the matrix.

        push ─▶ [queue] ─▶ [pointers, even | odd] ─▶ column ─▶ [entries] ─▶ v ─▶ weight ─┐
                                                     at, end      │                       ▼
                                                                  └─▶ x ─▶ row      weight * act
                                                                           │              │
                                                      [accumulators] ─▶ + ◀───────────────┘
                                                            ▲───────────┘

    A column takes as many cycles as it has entries, and one if it has none. The pointers of the
    next are read meanwhile. An entry is read in a cycle, and then looked up while its row is
    reckoned, multiplied while the accumulator is read, added, and written; what is on the way to a
    row is taken in place of what its accumulator holds, so entries follow one another whatever
    their rows. Pointers that fall or leave the memory, and rows from ``row_limit`` on, are errors
    and add nothing.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    load_codebook, load_pointer, load_entries, load_act : In(1)
        Write ``load_data`` at ``load_at``; activations go to the source.
    load_at, load_data : In
        Where, and what.
    swap : In(1)
        Which of two files is the source; the other one takes the sums.
    forget : In(1)
        The source has no activations any more.
    begins : In(1)
        A run begins: all sums and the error are zero.
    row_limit : In
        Rows that the PE has.
    read, show : In(1)
        Read the source, or the sums, at ``read_at``.
    read_at : In
        Where.
    relu : In(1)
        What is read is zero if it is below.
    value : Out
        What was read last, from the next cycle on.
    push : In(1)
        An activation is broadcast; not while ``full``.
    column, act : In
        Its place, and its value.
    full, busy, error : Out(1)
        Whether the queue has no room, whether there is work, what has been wrong in this run.
    """

    def __init__(self, spec: EieSpec) -> None:
        self.spec = spec
        places = max(spec.columns + 1, spec.words, spec.depth, 2**spec.value_bits)
        super().__init__(
            {
                **{f"load_{one}": In(1) for one in LOADS},
                "load_at": In(range(places)), "load_data": In(spec.beat_bits),
                "swap": In(1), "forget": In(1), "begins": In(1),
                "row_limit": In(range(spec.depth + 1)),
                "read": In(1), "show": In(1), "read_at": In(range(spec.depth)), "relu": In(1),
                "value": Out(spec.data_width),
                "push": In(1), "column": In(range(spec.columns)), "act": In(spec.data_width),
                "full": Out(1), "busy": Out(1), "error": Out(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        place = spec.pointer_width
        m.submodules.queue = queue = StreamFifo(len(self.column) + spec.data_width, spec.queue)
        # The column whose pointers are read, and the one whose entries are.
        known = Signal()
        active = Signal()
        at = Signal(place)
        end = Signal(place)
        first = Signal()
        pop = Signal()
        take = Signal()
        done = Signal()
        emit = Signal()
        waiting_act = Signal(spec.data_width)
        act = Signal(spec.data_width)
        m.d.comb += [
            queue.i.valid.eq(self.push), queue.i.payload.eq(Cat(self.act, self.column)),
            self.full.eq(~queue.i.ready),
            take.eq(known & (~active | done)),
            queue.o.ready.eq(~known | take),
            pop.eq(queue.o.valid & queue.o.ready),
            emit.eq(active & (at != end)),
            done.eq(active & ((at == end) | (at + 1 == end))),
        ]  # fmt: skip
        m.d.sync += [known.eq(pop | (known & ~take)), active.eq(take | (active & ~done))]
        low, high = self._pointers(m, pop, queue.o.payload[spec.data_width :])
        with m.If(pop):
            m.d.sync += waiting_act.eq(queue.o.payload)
        legal = Signal()
        m.d.comb += legal.eq((low <= high) & (high <= spec.entries))
        with m.If(take):
            m.d.sync += [
                at.eq(low), end.eq(Mux(legal, high, low)), act.eq(waiting_act), first.eq(1),
            ]  # fmt: skip
        with m.Elif(emit):
            m.d.sync += [at.eq(at + 1), first.eq(0)]
        m.submodules.arithmetic = arithmetic = EieArithmetic(spec)
        m.submodules.files = files = ActivationFiles(spec)
        m.d.comb += [
            arithmetic.entry.eq(self._entry(m, emit, first, at)),
            arithmetic.row_limit.eq(self.row_limit),
            files.take.eq(arithmetic.read), files.row.eq(arithmetic.row),
            arithmetic.sum.eq(files.sum),
            files.store.eq(arithmetic.write), files.store_row.eq(arithmetic.write_row),
            files.store_sum.eq(arithmetic.write_sum),
            *(getattr(files, port).eq(getattr(self, port)) for port in SHARED),
            files.write.eq(self.load_act), files.write_at.eq(self.load_at),
            files.write_data.eq(self.load_data), self.value.eq(files.value),
            self.busy.eq(queue.o.valid | known | active | arithmetic.busy),
        ]  # fmt: skip
        if spec.codebook:
            m.d.comb += [
                arithmetic.load.eq(self.load_codebook), arithmetic.load_at.eq(self.load_at),
                arithmetic.load_data.eq(self.load_data),
            ]  # fmt: skip
        m.d.sync += [
            arithmetic.valid.eq(emit), arithmetic.first.eq(first), arithmetic.act.eq(act),
        ]  # fmt: skip
        with m.If(self.begins):
            m.d.sync += self.error.eq(0)
        with m.Elif(arithmetic.beyond | (take & ~legal)):
            m.d.sync += self.error.eq(1)
        return m

    def _pointers(self, m: Module, pop: Value, column: Value) -> tuple[Value, Value]:
        """Return where a column's entries begin and end, in the cycle after it is popped.

        A column and the one after it lie in different banks.
        """
        depth = self.spec.columns // 2 + 1
        found = []
        for odd in (0, 1):
            bank: memory.Memory = memory.Memory(shape=self.spec.pointer_width, depth=depth, init=[])
            m.submodules[f"pointers_{'odd' if odd else 'even'}"] = bank
            write = bank.write_port()
            read = bank.read_port()
            m.d.comb += [
                write.en.eq(self.load_pointer & (self.load_at[0] == odd)),
                write.addr.eq(self.load_at[1:]), write.data.eq(self.load_data),
                read.en.eq(pop), read.addr.eq((column + 1 - odd) >> 1),
            ]  # fmt: skip
            found.append(read.data)
        swapped = Signal()
        with m.If(pop):
            m.d.sync += swapped.eq(column[0])
        even_data, odd_data = found
        low = Signal(self.spec.pointer_width, name="column_begin")
        high = Signal(self.spec.pointer_width, name="column_end")
        m.d.comb += [
            low.eq(Mux(swapped, odd_data, even_data)), high.eq(Mux(swapped, even_data, odd_data)),
        ]  # fmt: skip
        return low, high

    def _entry(self, m: Module, emit: Value, first: Value, at: Signal) -> Value:
        """Return the entry that is emitted, in the cycle after; a word is read once for all."""
        spec = self.spec
        lane_bits = (spec.lanes - 1).bit_length()
        entries: memory.Memory = memory.Memory(
            shape=spec.lanes * spec.entry_bits, depth=spec.words, init=[]
        )
        m.submodules.entries = entries
        write = entries.write_port()
        read = entries.read_port()
        lane = Signal(lane_bits)
        m.d.comb += [
            write.en.eq(self.load_entries), write.addr.eq(self.load_at),
            write.data.eq(self.load_data),
            read.en.eq(emit & (first | ~at[:lane_bits].any())), read.addr.eq(at[lane_bits:]),
        ]  # fmt: skip
        m.d.sync += lane.eq(at)
        entry = Signal(spec.entry_bits)
        m.d.comb += entry.eq(read.data.word_select(lane, spec.entry_bits))
        return entry


class EiePeLogic(EiePe):
    """The PE without its memories, which are instances for macros to take their place."""

    platform = WithoutMemories()
