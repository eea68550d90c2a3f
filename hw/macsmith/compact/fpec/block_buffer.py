"""The numbers of a block of beats, of which terms choose one."""

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.onehot_mux import any_of, equals
from macsmith.compact.fpec.spec import FpecSpec
from macsmith.compact.stream_dot.core import StreamDotCore


class BlockBuffer:
    """Registers for both operands of the products of a block; each packet begins a block.

    Products have places in the order of beats, those of a beat by their lanes. The first beat of
    products of a block forgets all of the block before.
    """

    def __init__(self, m: Module, core: StreamDotCore[FpecSpec]) -> None:
        self.m, self.core, self.spec = m, core, core.spec
        spec, opens = core.spec, core.opens
        slots = range(spec.block)
        stored = Signal(name="stores")
        m.d.comb += stored.eq(core.beat_en & ~core.term)
        at = Signal(range(spec.block), name="slot", reset_less=True)
        now = Signal(range(spec.block), name="slot_now")
        held = Signal(spec.block, name="slots_held", reset_less=True)
        self.written = Signal(spec.block, name="slots_written")
        m.d.comb += [
            now.eq(Mux(opens, 0, at)),
            self.written.eq(held & ~opens.replicate(spec.block)),
        ]
        lines = [equals(now, slot) if len(now) else Const(1, 1) for slot in slots]
        more = Cat(line | (bit & ~lines[0]) for line, bit in zip(lines, self.written, strict=True))
        with m.If(core.beat_en):
            m.d.sync += [
                at.eq(Mux(core.term, now, Mux(lines[-1], 0, now + 1))),
                held.eq(Mux(core.term, self.written, more)),
            ]
        self.words: list[list[Signal]] = [[], []]
        for slot in slots:
            for name, kept in zip(("a", "w"), self.words, strict=True):
                word = getattr(core, name)
                register = Signal(len(word), name=f"slot{slot}_{name}", reset_less=True)
                with m.If(stored & lines[slot]):
                    m.d.sync += register.eq(word)
                kept.append(register)

    def chosen(self, index: Value, of_weight: Value) -> tuple[Signal, Signal]:
        """Return the number that a term multiplies, and whether its block has it."""
        spec, m = self.spec, self.m
        places = range(spec.block * spec.products)
        lines = [equals(index, place) for place in places]
        sides = []
        for name, kept, side in zip(("a", "w"), self.words, ("act", "weight"), strict=True):
            width = spec.width(side)
            numbers = [word[at : at + width] for word in kept for at in range(0, len(word), width)]
            word = Signal(width, name=f"chosen_{name}")
            bits = [[bit & line for bit in one] for one, line in zip(numbers, lines, strict=True)]
            m.d.comb += word.eq(Cat(any_of(column) for column in zip(*bits, strict=True)))
            wide = Signal(signed(1 + max(spec.width("act"), spec.width("weight"))),
                          name=f"chosen_{name}_wide")  # fmt: skip
            m.d.comb += wide.eq(word.as_signed() if spec.signed(side) else word)
            sides.append(wide)
        chosen = Signal(sides[0].shape(), name="chosen_number")
        known = Signal(name="chosen_known")
        there = [line & self.written[place // spec.products]
                 for place, line in zip(places, lines, strict=True)]  # fmt: skip
        m.d.comb += [chosen.eq(Mux(of_weight, *sides)), known.eq(any_of(there))]
        return chosen, known
