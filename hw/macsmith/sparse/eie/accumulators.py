"""Two files of activations: the source of a run, and the sums that it adds up."""

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.eie.spec import EieSpec


class ActivationFiles(wiring.Component):
    """A memory that is read and one that is added up, which change places from run to run.

    A flag for each row says whether it has been written, so nothing is cleared one by one; what has
    not is zero.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    swap, forget, begins, read, show, read_at, relu, value :
        See `macsmith.sparse.eie.pe.EiePe`.
    write, write_at, write_data : In
        An activation for the source.
    take, row : In
        Read a sum, which is going to be written.
    sum : Out
        It, in the cycle after.
    store, store_row, store_sum : In
        A new sum.
    """

    swap: Signal
    forget: Signal
    begins: Signal
    read: Signal
    show: Signal
    read_at: Signal
    relu: Signal
    value: Signal
    write: Signal
    write_at: Signal
    write_data: Signal
    take: Signal
    row: Signal
    sum: Signal
    store: Signal
    store_row: Signal
    store_sum: Signal

    def __init__(self, spec: EieSpec) -> None:
        self.spec = spec
        width, place = spec.data_width, range(spec.depth)
        super().__init__(
            {
                "swap": In(1), "forget": In(1), "begins": In(1),
                "read": In(1), "show": In(1), "read_at": In(place), "relu": In(1),
                "value": Out(width),
                "write": In(1), "write_at": In(place), "write_data": In(width),
                "take": In(1), "row": In(place), "sum": Out(width),
                "store": In(1), "store_row": In(place), "store_sum": In(width),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        words = [self._file(m, number) for number in (0, 1)]
        shown = Signal()
        with m.If(self.read | self.show):
            m.d.sync += shown.eq(self.swap ^ self.show)
        value = Signal(self.spec.data_width)
        m.d.comb += [
            self.sum.eq(Mux(self.swap, *words)),
            value.eq(Mux(shown, words[1], words[0])),
            self.value.eq(Mux(self.relu & value[-1], 0, value)),
        ]
        return m

    def _file(self, m: Module, number: int) -> Value:
        """Return what was read last from a file, zero if that had not been written."""
        depth, width = self.spec.depth, self.spec.data_width
        words: memory.Memory = memory.Memory(shape=width, depth=depth, init=[])
        m.submodules[f"file_{number}"] = words
        write = words.write_port()
        read = words.read_port()
        source = Signal(name=f"source_{number}")
        reads = Signal(name=f"reads_{number}")
        written = Signal(depth, name=f"written_{number}")
        known = Signal(name=f"known_{number}")
        marks = Signal(name=f"marks_{number}")
        marked = Signal(range(depth), name=f"marked_{number}")
        m.d.comb += [
            source.eq(self.swap == number),
            reads.eq(Mux(source, self.read, self.take | self.show)),
            read.en.eq(reads), read.addr.eq(Mux(source | self.show, self.read_at, self.row)),
            write.en.eq(Mux(source, self.write, self.store)),
            write.addr.eq(Mux(source, self.write_at, self.store_row)),
            write.data.eq(Mux(source, self.write_data, self.store_sum)),
            marks.eq(Mux(source, self.write, self.take)),
            marked.eq(Mux(source, self.write_at, self.row)),
        ]  # fmt: skip
        with m.If(reads):
            m.d.sync += known.eq(written.bit_select(read.addr, 1))
        with m.If(Mux(source, self.forget, self.begins)):
            m.d.sync += written.eq(0)
        with m.Else():
            for row in range(depth):
                with m.If(marks & (marked == row)):
                    m.d.sync += written[row].eq(1)
        shown = Signal(width, name=f"shown_{number}")
        m.d.comb += shown.eq(Mux(known, read.data, 0))
        return shown
