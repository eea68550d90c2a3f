"""A lane: what is not zero of its bricks, one a cycle, with the weights of all filters for it."""

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from macsmith.rtl.external_memory import WithoutMemories
from macsmith.sparse.cnvlutin.spec import CnvlutinSpec


class SkippingLane(wiring.Component):
    """Reads its bricks of a window entry by entry, each with its row of weights, and multiplies.

        [bricks] ─▶ value ──────────────▶ [value] ─▶ x ─▶ [products]
                └─▶ brick, offset ─▶ [weights] ──────┘

    Which entry comes next is known from the one that is read, so an entry a cycle is; an empty
    brick is an entry of value 0. A brick whose last place does not end it is wrong, and ends all
    the same. At a window's end the lane waits for ``turn``.

    Parameters
    ----------
    spec:
        The lanes.

    Members
    -------
    load_entry, load_weights : In(1)
        Write ``load_data`` at ``load_at``.
    load_at, load_data : In
        Where, and what.
    turn : In(1)
        Read the first entry of a window, whose first brick is ``first``, from the next cycle on.
    first, bricks : In
        Of the window: its first brick, and how many it has.
    ends : Out(1)
        The window's last entry is there, or has been.
    wrong : Out(1)
        A brick has no end.
    products : Out
        Of the entry three cycles ago, filter 0 lowest; zeros if there was none.
    """

    def __init__(self, spec: CnvlutinSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "load_entry": In(1), "load_weights": In(1),
                "load_at": In(range(max(spec.places, spec.rows))),
                "load_data": In(max(spec.entry_bits, spec.filters * spec.weight_width)),
                "turn": In(1), "first": In(range(spec.bricks)),
                "bricks": In(range(spec.window + 1)),
                "ends": Out(1), "wrong": Out(1),
                "products": Out(spec.filters * spec.product_bits),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        entries: memory.Memory = memory.Memory(shape=spec.entry_bits, depth=spec.places, init=[])
        row = spec.filters * spec.weight_width
        weights: memory.Memory = memory.Memory(shape=row, depth=spec.rows, init=[])
        m.submodules.entries = entries
        m.submodules.weights = weights
        write, read = entries.write_port(), entries.read_port()
        write_row, read_row = weights.write_port(), weights.read_port()
        # The entry that is read: whether there is one, its brick, and its place.
        there = Signal()
        brick = Signal(range(spec.bricks))
        number = Signal(range(spec.window + 1))
        place = Signal(spec.offset_bits)
        zeros = Const(0, spec.offset_bits)
        value = read.data[: spec.data_width]
        offset = read.data[spec.data_width : -1]
        last = Signal()
        closes = Signal()
        goes_on = Signal()
        m.d.comb += [
            last.eq(read.data[-1] | place.all()), closes.eq(number + 1 == self.bricks),
            self.ends.eq(~there | (last & closes)), self.wrong.eq(there & ~read.data[-1] & last),
            goes_on.eq(there & ~self.ends),
            write.en.eq(self.load_entry), write.addr.eq(self.load_at),
            write.data.eq(self.load_data),
            write_row.en.eq(self.load_weights), write_row.addr.eq(self.load_at),
            write_row.data.eq(self.load_data),
            read.en.eq(self.turn | goes_on),
            read.addr.eq(
                Mux(self.turn, Cat(zeros, self.first),
                    Mux(last, Cat(zeros, brick + 1), Cat((place + 1)[: spec.offset_bits], brick)))
            ),
            read_row.en.eq(there), read_row.addr.eq(Cat(offset, number)),
        ]  # fmt: skip
        m.d.sync += there.eq(self.turn | goes_on)
        with m.If(self.turn):
            m.d.sync += [brick.eq(self.first), number.eq(0), place.eq(0)]
        with m.Elif(goes_on):
            m.d.sync += [
                brick.eq(brick + last), number.eq(number + last),
                place.eq(Mux(last, 0, place + 1)),
            ]  # fmt: skip
        held = Signal(spec.data_width)
        multiplies = Signal()
        m.d.sync += multiplies.eq(there)
        with m.If(there):
            m.d.sync += held.eq(value)
        used = Signal()
        m.d.sync += used.eq(multiplies)
        for of in range(spec.filters):
            product = Signal(spec.product_bits, name=f"product_{of}")
            weight = read_row.data.word_select(of, spec.weight_width)
            with m.If(multiplies):
                m.d.sync += product.eq(held.as_signed() * weight.as_signed())
            m.d.comb += self.products.word_select(of, spec.product_bits).eq(
                product & used.replicate(spec.product_bits)
            )
        return m


class SkippingLaneLogic(SkippingLane):
    """The lane without its memories, which are instances for macros to take their place."""

    platform = WithoutMemories()
