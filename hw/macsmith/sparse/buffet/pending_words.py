"""The words that have been read for an update and have not been updated."""

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class PendingWords(wiring.Component):
    """A few addresses, each of which can be looked for.

    Parameters
    ----------
    count:
        How many there may be.
    size:
        Words of the memory.

    Members
    -------
    add, add_at : In
        A word is read for an update; only if there is ``room``.
    remove, remove_at : In
        A word is updated, which takes effect if it is ``found``.
    look_at : In
        A word that is looked for.
    room : Out(1)
        Another may be added.
    some, held, found : Out(1)
        Whether there is any, whether ``look_at`` is one, and whether ``remove_at`` is.
    """

    add: Signal
    add_at: Signal
    remove: Signal
    remove_at: Signal
    look_at: Signal
    room: Signal
    some: Signal
    held: Signal
    found: Signal

    def __init__(self, count: int, size: int) -> None:
        self.count = count
        at = range(size)
        super().__init__(
            {
                "add": In(1), "add_at": In(at), "remove": In(1), "remove_at": In(at),
                "look_at": In(at), "room": Out(1), "some": Out(1), "held": Out(1), "found": Out(1),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        used = Signal(self.count)
        places = [
            Signal.like(self.add_at, name=f"word_{number}", reset_less=True)
            for number in range(self.count)
        ]
        held = Signal(self.count)
        found = Signal(self.count)
        m.d.comb += [
            held.eq(Cat(bit & (at == self.look_at) for bit, at in zip(used, places, strict=True))),
            found.eq(
                Cat(bit & (at == self.remove_at) for bit, at in zip(used, places, strict=True))
            ),
            self.room.eq(~used.all()), self.some.eq(used.any()), self.held.eq(held.any()),
            self.found.eq(found.any()),
        ]  # fmt: skip
        for number, place in enumerate(places):
            takes = self.add & ~used[number] & used[:number].all()
            with m.If(takes):
                m.d.sync += [used[number].eq(1), place.eq(self.add_at)]
            with m.Elif(self.remove & found[number]):
                m.d.sync += used[number].eq(0)
        return m
