"""Double buffers: a half is read when it is full, and filled again when it is given back whole."""

from amaranth import Module, Mux, Signal, Value

from macsmith.rtl.external_memory import WithoutMemories
from macsmith.rtl.ring import following, is_at
from macsmith.sparse.buffet.tile_memory import TileMemory


class DoubleBuffer(TileMemory):
    """A tile is half of the memory: none of it can be read before all of it is filled in, and there
    is room for none of the next before all of it is given back.

    See `TileMemory`.
    """

    def available(self, m: Module, fills: Value, shrinks: Value) -> tuple[Value, Value, Value]:
        half = self.spec.size // 2
        # Halves that are full, and words of the half that is filled, and of the one that is read.
        full = Signal(range(3))
        filled = Signal(range(half))
        left = Signal(range(half + 1), init=half)
        fills_up = Signal()
        gives_up = Signal()
        m.d.comb += [
            fills_up.eq(fills & is_at(filled, half - 1)),
            gives_up.eq((shrinks != 0) & (shrinks == left)),
        ]
        with m.If(fills):
            m.d.sync += filled.eq(following(filled, half))
        m.d.sync += [
            left.eq(Mux(gives_up, half, left - shrinks)), full.eq(full + fills_up - gives_up),
        ]  # fmt: skip
        self._gives_up = gives_up
        return Mux(full != 0, left, 0), left, full != 2

    def given_back(self, m: Module, shrinks: Value) -> Value:
        return Mux(self._gives_up, self.spec.size // 2, 0)


class DoubleBufferLogic(DoubleBuffer):
    """The double buffer without its memory, which is an instance for a macro to take its place."""

    platform = WithoutMemories()
