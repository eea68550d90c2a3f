"""Registers of a core, whose bits are clocked in groups."""

from collections.abc import Sequence

from amaranth import Cat, ClockDomain, Module, Signal, Value

from macsmith.mac.register_groups import RegisterGroup
from macsmith.rtl.leaf_cells import gated_clock


class Registers:
    """A word of flip-flops without reset, in groups that are each clocked by an enable.

    Parameters
    ----------
    name:
        Name of the register; a group's is followed by its number if there are several.
    groups:
        Which bits share an enable; each bit is in one group.
    enables:
        The enables, one a group; None for a register of one group that always takes what comes.
    gate_cells:
        Whether a clock gate of its own clocks each group, rather than an enable.

    Members
    -------
    bits:
        What the register holds, bit by bit.
    """

    def __init__(
        self,
        m: Module,
        name: str,
        groups: Sequence[RegisterGroup],
        enables: Value | None,
        gate_cells: bool = False,
    ) -> None:
        self.m, self.groups, self.gate_cells = m, groups, gate_cells
        self.enables = [None] * len(groups) if enables is None else list(enables)
        alone = len(groups) == 1
        self._parts = [
            Signal(len(group.bits), name=name if alone else f"{name}_{index}", reset_less=True)
            for index, group in enumerate(groups)
        ]
        places = {
            place: bit
            for group, part in zip(groups, self._parts, strict=True)
            for place, bit in zip(group.bits, part, strict=True)
        }
        self.name, self.bits = name, [places[place] for place in sorted(places)]

    @property
    def word(self) -> Value:
        """What the register holds, as one word."""
        return Cat(self.bits)

    def unless(self, first: Value) -> Value:
        """Return the word, or zero on ``first``; in a group that is not clocked nothing changes."""
        clears = [first]
        if len(self.groups) > 1:
            clears = [first if enable is None else first & enable for enable in self.enables]
        kept = {
            place: self.bits[place] & ~clear
            for group, clear in zip(self.groups, clears, strict=True)
            for place in group.bits
        }
        return Cat(kept[place] for place in range(len(self.bits)))

    def load(self, following: Value) -> None:
        """Take over the bits of a word at each clock of their groups."""
        m = self.m
        # A signal, so that a slice of the word does not hold the whole expression once more.
        word = Signal(len(self.bits), name=f"{self.name}_next")
        m.d.comb += word.eq(following)
        for group, part, enable in zip(self.groups, self._parts, self.enables, strict=True):
            loaded = part.eq(Cat(word[place] for place in group.bits))
            if enable is None:
                m.d.sync += loaded
            elif self.gate_cells:
                domain = ClockDomain(part.name, local=True, reset_less=True)
                m.domains += domain
                m.d.comb += domain.clk.eq(gated_clock(m, f"{part.name}_gclk", enable))
                m.d[part.name] += loaded
            else:
                with m.If(enable):
                    m.d.sync += loaded
