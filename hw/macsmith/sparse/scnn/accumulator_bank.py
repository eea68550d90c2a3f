"""A bank of sums: products wait, are added one a cycle, and are shown after the swap."""

from amaranth import Array, Module, Mux, Signal, Value, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.scnn.spec import ScnnSpec


class AccumulatorBank(wiring.Component):
    """A queue and two memories that change places: one is added up while the other one is read.

        come ─▶ [queue] ─▶ read ─▶ + ─▶ write
                            ▲─────────────┘

    A product leaves the queue each cycle. What is on its way to a row is taken in place of what the
    row holds. A flag for each row says whether it has been written, so nothing is cleared one by
    one.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    count : In
        Products that come, at most ``room``.
    entries : In
        They, the first lowest.
    room : Out
        How many can come.
    swap : In(1)
        Which memory is added up.
    forget : In(1)
        All its sums are zero from the next cycle on.
    show, show_at : In
        Read a sum of the other one.
    shown : Out(acc_width)
        It, from the next cycle on.
    busy : Out(1)
        There are products whose sums are not written yet.
    """

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "count": In(spec.ports.bit_length()), "entries": In(spec.ports * spec.queued_bits),
                "room": Out(spec.ports.bit_length()),
                "swap": In(1), "forget": In(1), "show": In(1), "show_at": In(spec.row_bits),
                "shown": Out(spec.acc_width), "busy": Out(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        pops = Signal()
        head = self._queue(m, pops)
        product, row = head[: spec.product_bits], head[spec.product_bits :]
        adds = Signal()
        adds_row = Signal(self.spec.row_bits)
        addend = Signal(signed(spec.product_bits))
        m.d.sync += adds.eq(pops)
        with m.If(pops):
            m.d.sync += [adds_row.eq(row), addend.eq(product)]
        recent = Signal()
        recent_row = Signal(self.spec.row_bits)
        recent_sum = Signal(spec.acc_width)
        total = Signal(spec.acc_width)
        words = [self._memory(m, number, pops, row, adds, adds_row, total) for number in (0, 1)]
        held = Signal(spec.acc_width)
        m.d.comb += [
            held.eq(
                Mux(recent & (recent_row == adds_row), recent_sum, Mux(self.swap, *words[::-1]))
            ),
            total.eq(held + addend),
            self.shown.eq(Mux(self.swap, *words)), self.busy.eq(pops | adds),
        ]  # fmt: skip
        m.d.sync += recent.eq(adds)
        with m.If(adds):
            m.d.sync += [recent_row.eq(adds_row), recent_sum.eq(total)]
        return m

    def _queue(self, m: Module, pops: Signal) -> Signal:
        """Return the product at the head, and whether there is one, which leaves."""
        spec, depth = self.spec, self.spec.queue
        bits = (depth - 1).bit_length()
        words = [
            Signal(self.spec.queued_bits, name=f"word_{at}", reset_less=True) for at in range(depth)
        ]
        first = Signal(bits)
        held = Signal(range(depth + 1))
        free = Signal(range(depth + 1))
        head = Signal(self.spec.queued_bits)
        m.d.comb += [
            pops.eq(held.any()),
            head.eq(Array(words)[first]),
            free.eq(depth - held),
            self.room.eq(Mux(free > spec.ports, spec.ports, free)),
        ]
        m.d.sync += [held.eq(held + self.count - pops), first.eq(first + pops)]
        for port in range(spec.ports):
            place = Signal(bits, name=f"goes_to_{port}")
            m.d.comb += place.eq(first + held[:bits] + port)
            for at, word in enumerate(words):
                with m.If((self.count > port) & (place == at)):
                    m.d.sync += word.eq(self.entries.word_select(port, self.spec.queued_bits))
        return head

    def _memory(
        self, m: Module, number: int, pops: Value, row: Value, adds: Value, adds_row: Value,
        total: Value,
    ) -> Signal:  # fmt: skip
        """Return what was read last from a memory, zero if that had not been written."""
        depth, width = self.spec.bank_depth, self.spec.acc_width
        words: memory.Memory = memory.Memory(shape=width, depth=depth, init=[])
        m.submodules[f"sums_{number}"] = words
        write = words.write_port()
        read = words.read_port()
        adding = Signal(name=f"adding_{number}")
        written = Signal(depth, name=f"written_{number}")
        known = Signal(name=f"known_{number}")
        m.d.comb += [
            adding.eq(self.swap == number),
            read.en.eq(Mux(adding, pops, self.show)), read.addr.eq(Mux(adding, row, self.show_at)),
            write.en.eq(adding & adds), write.addr.eq(adds_row), write.data.eq(total),
        ]  # fmt: skip
        with m.If(read.en):
            m.d.sync += known.eq(written.bit_select(read.addr, 1))
        with m.If(adding & self.forget):
            m.d.sync += written.eq(0)
        with m.Elif(adding & pops):
            for at in range(depth):
                with m.If(row == at):
                    m.d.sync += written[at].eq(1)
        sums = Signal(width, name=f"sum_{number}")
        m.d.comb += sums.eq(Mux(known, read.data, 0))
        return sums
