"""What buffets and double buffers share: ports, a ring of words, commands, updates."""

from typing import Any

from amaranth import Module, Mux, Signal, Value
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.rtl.ring import following
from macsmith.sparse.buffet.pending_words import PendingWords
from macsmith.sparse.buffet.spec import TileMemorySpec


class TileMemory(wiring.Component):
    """A ring of words between a producer and a consumer.

        i_fill ───▶ tail ─▶ [words] ─▶ o
        i_command ─▶ head + index ┘▲
        i_update ──▶ head + index ─┘

    Reads and shrinks are done in the order in which they come, one a cycle. A read waits until its
    word is there and no update of it is due; a shrink until its words are there and no update is
    due at all, so an index means the same word from a read to its update. Words are filled in
    order; a cycle in which an update is written takes none. What is out of reach (a read of a word
    beyond the memory, a shrink of more, an update that no read announced) is dropped, and the fault
    goes up until reset. A subclass writes `available` and `given_back`.

    Parameters
    ----------
    spec:
        The memory.

    Members
    -------
    i_fill : In(stream.Signature(spec.fill_layout))
        Words.
    i_command : In(stream.Signature(spec.command_layout))
        Reads and shrinks.
    i_update : In(stream.Signature(spec.update_layout))
        Updates, in any order.
    o : Out(stream.Signature(spec.read_layout))
        Words that were read, in the order of the reads.
    freed : Out(range(spec.size + 1))
        Credits: for so many words there is room again, each told once, in the cycle after.
    fault : Out(1)
        Something was out of reach.
    """

    i_fill: stream.Interface
    i_command: stream.Interface
    i_update: stream.Interface
    o: stream.Interface
    freed: Signal
    fault: Signal

    def __init__(self, spec: TileMemorySpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "i_fill": In(stream.Signature(spec.fill_layout)),
                "i_command": In(stream.Signature(spec.command_layout)),
                "i_update": In(stream.Signature(spec.update_layout)),
                "o": Out(stream.Signature(spec.read_layout)),
                "freed": Out(range(spec.size + 1)),
                "fault": Out(1),
            }
        )

    def available(self, m: Module, fills: Value, shrinks: Value) -> tuple[Value, Value, Value]:
        """Return the words that can be reached, and the most that ever can before a shrink, and
        whether another can be filled in.

        Parameters
        ----------
        fills:
            Whether one is filled in.
        shrinks:
            How many are given back.
        """
        raise NotImplementedError

    def given_back(self, m: Module, shrinks: Value) -> Value:
        """Return for how many words there is room again when so many are given back."""
        return shrinks

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, size = self.spec, self.spec.size
        command, update = self.i_command.payload, self.i_update.payload
        words: memory.Memory = memory.Memory(shape=spec.width, depth=size, init=[])
        m.submodules.words = words
        write = words.write_port()
        read = words.read_port()
        m.submodules.pending = pending = PendingWords(spec.pending, size)
        head = Signal(range(size))
        tail = Signal(range(size))
        reads = Signal()
        shrinks = Signal(range(size + 1))
        fills = Signal()
        updates = Signal()
        reach, most, room = self.available(m, fills, shrinks)
        target = self._from_head(m, "target", head, command.index)
        updated = self._from_head(m, "updated", head, update.index)
        go = Signal()
        legal = Signal()
        known = Signal()
        m.d.comb += [
            go.eq(~self.o.valid | self.o.ready),
            legal.eq(Mux(command.shrink, command.index <= most, command.index < most)),
            pending.look_at.eq(target), pending.add_at.eq(target),
            pending.remove_at.eq(updated), pending.remove.eq(updates),
            known.eq((update.index < size) & pending.found),
            updates.eq(self.i_update.valid & known),
            self.i_update.ready.eq(1),
            self.i_fill.ready.eq(room & ~updates),
            fills.eq(self.i_fill.valid & self.i_fill.ready),
            self.i_command.ready.eq(
                ~legal
                | Mux(command.shrink, (command.index <= reach) & ~pending.some,
                      (command.index < reach) & ~pending.held & go
                      & (pending.room | ~command.update))
            ),
        ]  # fmt: skip
        done = Signal()
        m.d.comb += [
            done.eq(self.i_command.valid & self.i_command.ready & legal),
            reads.eq(done & ~command.shrink),
            shrinks.eq(Mux(done & command.shrink, command.index, 0)),
            pending.add.eq(reads & command.update),
            read.en.eq(reads), read.addr.eq(target),
            write.en.eq(fills | updates),
            write.addr.eq(Mux(updates, updated, tail)),
            write.data.eq(Mux(updates, update.new_word, self.i_fill.payload.word)),
            self.o.payload.read_word.eq(read.data),
        ]  # fmt: skip
        with m.If(go):
            m.d.sync += self.o.valid.eq(reads)
        with m.If(fills):
            m.d.sync += tail.eq(following(tail, size))
        shrunk = self._from_head(m, "shrunk", head, shrinks)
        m.d.sync += [head.eq(shrunk), self.freed.eq(self.given_back(m, shrinks))]
        with m.If((self.i_command.valid & ~legal) | (self.i_update.valid & ~known)):
            m.d.sync += self.fault.eq(1)
        return m

    def _from_head(self, m: Module, name: str, head: Any, index: Value) -> Signal:
        """Return the place in the ring so many words behind the head."""
        size = self.spec.size
        total = Signal(range(2 * size + 1), name=f"{name}_total")
        place = Signal(range(size), name=name)
        m.d.comb += [total.eq(head + index), place.eq(Mux(total >= size, total - size, total))]
        return place
