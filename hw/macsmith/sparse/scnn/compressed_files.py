"""Two files of compressed planes: the source of a run, and that which its results go to."""

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from macsmith.sparse.scnn.spec import ScnnSpec


class CompressedFiles(wiring.Component):
    """Vectors of entries, and of each channel where they end; files change places by ``swap``.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    swap : In(1)
        Which file is the source.
    load_end, load_word : In(1)
        Write ``load_data`` into the source at ``load_at``.
    load_at, load_data : In
        Where, and what; an end is in the low bits.
    fetch, channel : In
        Read where a channel of the source ends.
    end : Out
        It, from the next cycle on.
    read, read_at : In
        Read a vector of the source.
    word : Out
        It, from the next cycle on.
    store, store_at, store_word : In
        Write a vector of results.
    closes, closed, closed_at : In
        Write where a channel of results ends.
    show, show_end, show_at : In
        Read a vector of results, or where a channel of them ends.
    shown_end, shown_word : Out
        They, from the next cycle on.
    """

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        word, end = spec.acts * spec.act_bits, range(spec.act_words + 1)
        place, channel = range(spec.act_words), range(spec.channels)
        both = range(max(spec.act_words, spec.channels))
        super().__init__(
            {
                "swap": In(1), "load_end": In(1), "load_word": In(1), "load_at": In(both),
                "load_data": In(max(word, (spec.act_words).bit_length())),
                "fetch": In(1), "channel": In(channel), "end": Out(end),
                "read": In(1), "read_at": In(place), "word": Out(word),
                "store": In(1), "store_at": In(place), "store_word": In(word),
                "closes": In(1), "closed": In(channel), "closed_at": In(end),
                "show": In(1), "show_end": In(1), "show_at": In(both),
                "shown_end": Out(end), "shown_word": Out(word),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        ends, words = [], []
        for number in (0, 1):
            source = Signal(name=f"source_{number}")
            m.d.comb += source.eq(self.swap == number)
            ends.append(
                self._memory(
                    m, f"ends_{number}", len(self.end), spec.channels, source,
                    (self.load_end, self.load_at, self.load_data),
                    (self.closes, self.closed, self.closed_at),
                    (self.fetch, self.channel), (self.show_end, self.show_at),
                )
            )  # fmt: skip
            words.append(
                self._memory(
                    m, f"words_{number}", len(self.word), spec.act_words, source,
                    (self.load_word, self.load_at, self.load_data),
                    (self.store, self.store_at, self.store_word),
                    (self.read, self.read_at), (self.show, self.show_at),
                )
            )  # fmt: skip
        m.d.comb += [
            self.end.eq(Mux(self.swap, *ends[::-1])), self.word.eq(Mux(self.swap, *words[::-1])),
            self.shown_end.eq(Mux(self.swap, *ends)), self.shown_word.eq(Mux(self.swap, *words)),
        ]  # fmt: skip
        return m

    def _memory(
        self, m: Module, name: str, width: int, depth: int, source: Value,
        load: tuple[Value, Value, Value], store: tuple[Value, Value, Value],
        read: tuple[Value, Value], show: tuple[Value, Value],
    ) -> Value:  # fmt: skip
        """Return what was read last from a memory of one of the files."""
        words: memory.Memory = memory.Memory(shape=width, depth=depth, init=[])
        m.submodules[name] = words
        write_port = words.write_port()
        read_port = words.read_port()
        m.d.comb += [
            write_port.en.eq(Mux(source, load[0], store[0])),
            write_port.addr.eq(Mux(source, load[1], store[1])),
            write_port.data.eq(Mux(source, load[2], store[2])),
            read_port.en.eq(Mux(source, read[0], show[0])),
            read_port.addr.eq(Mux(source, read[1], show[1])),
        ]
        found = Signal(width, name=f"found_{name}")
        m.d.comb += found.eq(read_port.data)
        return found
