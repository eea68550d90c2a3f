"""Which elements of a block are wide, by lists of their places."""

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.arith.onehot_mux import equals
from macsmith.compact.biscaled.spec import BiscaledSpec
from macsmith.compact.stream_dot.core import StreamDotCore


class WidePlaces:
    """A mask for each operand, set by entries, and moved on by ``products`` with each beat.

    What leaves the mask is followed by zeros, so a block ends with empty masks.
    """

    def __init__(self, m: Module, core: StreamDotCore[BiscaledSpec]) -> None:
        self.m, self.core, self.spec = m, core, core.spec
        spec, opens = core.spec, core.opens
        beats = spec.block // spec.products
        at = Signal(range(beats), name="block_beat", reset_less=True)
        now = Signal(range(beats), name="block_beat_now")
        m.d.comb += now.eq(Mux(opens, 0, at))
        ends = equals(now, beats - 1) if len(now) else Const(1, 1)
        with m.If(core.beat_en & (~core.entry | opens)):
            m.d.sync += at.eq(Mux(core.entry | ends, 0, now + 1))
        late = now.any()
        self._now: dict[str, Signal] = {}
        wrong = []
        for name in spec.wide:
            has, place = getattr(core, f"has_{name}"), getattr(core, f"place_{name}")
            held = Signal(spec.block, name=f"wide_{name}", reset_less=True)
            mask = Signal(spec.block, name=f"wide_{name}_now")
            lines = Cat(equals(place, one) for one in range(spec.block))
            added = Signal(spec.block, name=f"wide_{name}_added")
            m.d.comb += [
                mask.eq(held & ~opens.replicate(spec.block)),
                added.eq(lines & (has & ~late).replicate(spec.block)),
            ]
            with m.If(core.beat_en):
                m.d.sync += held.eq(Mux(core.entry, mask | added, mask >> spec.products))
            self._now[name] = mask
            wrong.append(has & (late | ~lines.any()))
        self.error = Signal(name="entry_is_wrong")
        m.d.comb += self.error.eq(core.entry & Cat(wrong).any())

    def flags(self, name: str) -> list[Value]:
        """Return whether the elements of a beat are wide."""
        return list(self._now[name][: self.spec.products])
