"""Buffets: words can be read as soon as they are filled in, and make room one by one."""

from amaranth import Const, Module, Signal, Value

from macsmith.rtl.external_memory import WithoutMemories
from macsmith.sparse.buffet.tile_memory import TileMemory


class Buffet(TileMemory):
    """Fill, read, update and shrink, a word or a command of each a cycle.

    Pellauer et al., "Buffets" (ASPLOS 2019). See `TileMemory`.
    """

    def available(self, m: Module, fills: Value, shrinks: Value) -> tuple[Value, Value, Value]:
        held = Signal(range(self.spec.size + 1))
        m.d.sync += held.eq(held + fills - shrinks)
        return held, Const(self.spec.size), held != self.spec.size


class BuffetLogic(Buffet):
    """The buffet without its memory, which is an instance for a macro to take its place."""

    platform = WithoutMemories()
