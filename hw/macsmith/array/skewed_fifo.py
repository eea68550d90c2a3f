"""Memories for words whose lanes come one cycle after the other."""

from collections.abc import Sequence

from amaranth import Cat, Module, Signal, Value
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.skew import count, delayed
from macsmith.mac.operand_registers import split
from macsmith.rtl.ring import following
from macsmith.rtl.shared_module import instance


class Bank(wiring.Component):
    """The memory of a lane, a module of its own: one write port, one read port a cycle later.

    What is read in the cycle in which it is written is the older word.

    Parameters
    ----------
    width, depth:
        Bits of a word, and words.
    """

    write: Signal
    write_at: Signal
    write_data: Signal
    read: Signal
    read_at: Signal
    read_data: Signal

    def __init__(self, width: int, depth: int) -> None:
        self.width, self.depth = width, depth
        super().__init__(
            {
                "write": In(1),
                "write_at": In(range(depth)),
                "write_data": In(width),
                "read": In(1),
                "read_at": In(range(depth)),
                "read_data": Out(width),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        words: memory.Memory = memory.Memory(shape=self.width, depth=self.depth, init=[])
        m.submodules.words = words
        write, read = words.write_port(), words.read_port()
        m.d.comb += [
            write.en.eq(self.write),
            write.addr.eq(self.write_at),
            write.data.eq(self.write_data),
            read.en.eq(self.read),
            read.addr.eq(self.read_at),
            self.read_data.eq(read.data),
        ]
        return m


def skewed_banks(
    m: Module, name: str, bank: Bank, word: Signal, command: Sequence[Value], reads: Sequence[Value]
) -> Value:
    """Return what was read from banks, one a lane of ``word``, all instances of module ``name``.

    Lane k is written as ``command[k]`` says, and read as ``reads[k]`` does: a strobe, and above it
    the place.
    """
    lanes = []
    for lane, (value, write, read) in enumerate(
        zip(split(word, bank.width), command, reads, strict=True)
    ):
        data = Signal(bank.width, name=f"lane_{lane}")
        m.submodules[f"bank_{lane}"] = instance(
            name, bank, write=write[0], write_at=write[1:], write_data=value,
            read=read[0], read_at=read[1:], read_data=data,
        )  # fmt: skip
        lanes.append(data)
    return Cat(lanes)


class SkewedFifo(wiring.Component):
    """Words that come in lane by lane, kept in order until someone takes them.

    A word may leave, and is then valid two cycles later, as soon as its last lane is written.
    The writer sees to it that there is room.

    Parameters
    ----------
    name, bank:
        The memory of a lane, which holds words ahead of the one that waits at ``o``, and the
        module of which each is an instance.
    lanes:
        Lanes of a word.
    tag:
        Bits that come with lane 0.

    Members
    -------
    write : In(1)
        Lane 0 of a word is there; lane k comes k cycles later.
    word : In(lanes * bank.width)
        Lanes, the first lowest.
    tag : In(tag)
        What goes with the word, absent without bits.
    read : Out(1)
        A word moves to ``o``, and makes room.
    place : Out(range(bank.depth))
        Which it is: a count of words modulo the depth.
    o : Out(stream.Signature(lanes * bank.width + tag))
        Words in order, their tags above them.
    """

    write: Signal
    word: Signal
    tag: Signal
    read: Signal
    place: Signal
    o: stream.Interface

    def __init__(self, name: str, bank: Bank, lanes: int, tag: int = 0) -> None:
        self.name, self.bank, self.lanes, self.tag_width = name, bank, lanes, tag
        width = lanes * bank.width
        ports = {
            "write": In(1),
            "word": In(width),
            "read": Out(1),
            "place": Out(range(bank.depth)),
            "o": Out(stream.Signature(width + tag)),
        }
        super().__init__(ports | ({"tag": In(tag)} if tag else {}))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        depth = self.bank.depth
        written = Signal(range(depth))
        with m.If(self.write):
            m.d.sync += written.eq(following(written, depth))
        command = delayed(m, "write", Cat(self.write, written), self.lanes)
        reads = [Cat(self.read, self.place)] * self.lanes
        word = skewed_banks(m, self.name, self.bank, self.word, command, reads)
        if self.tag_width:
            m.submodules.tags = tags = Bank(self.tag_width, depth)
            m.d.comb += [
                Cat(tags.write, tags.write_at, tags.write_data).eq(Cat(command[0], self.tag)),
                Cat(tags.read, tags.read_at).eq(reads[0]),
            ]
            word = Cat(word, tags.read_data)
        ready = Signal(range(depth + 1))
        valid = Signal()
        m.d.comb += [
            self.read.eq(ready.any() & (~valid | self.o.ready)),
            self.o.valid.eq(valid),
            self.o.payload.eq(word),
        ]
        count(m, ready, up=command[-1][0], down=self.read)
        m.d.sync += valid.eq(self.read | (valid & ~self.o.ready))
        with m.If(self.read):
            m.d.sync += self.place.eq(following(self.place, depth))
        return m
