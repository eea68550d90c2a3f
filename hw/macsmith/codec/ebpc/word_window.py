"""What is seen of a string of bits that comes in words."""

from typing import Any

from amaranth import Cat, Const, Module, Mux, Signal, Value


class WordWindow:
    """The next bits of a packet, of which any number is done with in a cycle.

        i ─▶ [held: a word and most - 1 bits] ─▶ bits
                 ▲  shift by length │
                 └──────────────────┘

    A word enters as soon as there is room for it, so the window has ``most`` bits in every cycle as
    long as words come, and are as wide.

    Parameters
    ----------
    m:
        The module that holds it.
    i:
        The stream of words.
    field:
        The field of its payload that is a word; ``last`` ends a packet.
    most:
        Bits that are seen, the most that are done with in a cycle.
    drops:
        Whether words behind the first are dropped.
    clear:
        The packet is over.
    name:
        What its signals' names begin with.

    Members
    -------
    bits:
        The next bits, the first in the highest; zeros if there are no more.
    fill:
        Bits that are there.
    length:
        To be driven: bits that are done with.
    begun, ended:
        Whether the first word has come, and the last.
    begins:
        The first word comes.
    padding:
        Nothing is left but what fills up the last word.
    dropped:
        A word is dropped.
    """

    def __init__(
        self, m: Module, i: Any, field: str, most: int, drops: Value, clear: Value, name: str
    ) -> None:  # fmt: skip
        entry = i.payload[field]
        word = len(entry)
        size = word + most - 1

        def signal(shape: Any, what: str) -> Signal:
            return Signal(shape, name=f"{name}_{what}")

        held = signal(size, "held")
        self.fill = fill = signal(range(size + 1), "fill")
        self.length = signal(range(most + 1), "length")
        self.begun = begun = signal(1, "begun")
        self.ended = ended = signal(1, "ended")
        used = signal(1, "used")
        self.begins = signal(1, "begins")
        self.dropped = dropped = signal(1, "dropped")
        self.padding = signal(1, "padding")
        self.bits = held[-most:]
        rest = signal(range(size + 1), "rest")
        takes = signal(1, "takes")
        entering = Cat(Const(0, size - word), entry) >> rest
        m.d.comb += [
            rest.eq(fill - self.length),
            i.ready.eq(~ended & ((rest < most) | (drops & begun))),
            takes.eq(i.valid & i.ready),
            self.begins.eq(takes & ~begun),
            dropped.eq(takes & drops & begun),
            self.padding.eq(ended & ~held.any() & ((fill < word) | ((fill == word) & ~used))),
        ]
        with m.If(takes):
            m.d.sync += [begun.eq(1), ended.eq(i.payload.last)]
        with m.If(~dropped):
            m.d.sync += [
                held.eq((held << self.length)[:size] | Mux(takes, entering, 0)),
                fill.eq(rest + Mux(takes, word, 0)), used.eq(used | self.length.any()),
            ]  # fmt: skip
        with m.If(clear):
            m.d.sync += Cat(held, fill, begun, ended, used).eq(0)
