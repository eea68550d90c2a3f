"""The activations of a block one after the other, the largest first."""

from collections.abc import Mapping

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.array.pruning.max_selector import chosen, largest, magnitudes, place
from macsmith.array.spec import SystolicSpec
from macsmith.mac.operand_registers import split
from macsmith.rtl.shared_module import instance

SERIALISER = "macsmith_serialiser"
"""The module of a block's serialiser."""


class Serialiser(wiring.Component):
    """The maximum selectors of dynamic activation pruning, one after the other on one circuit.

    In each step the largest magnitude that has not left yet leaves, of equal ones that of the
    lowest place. The first k steps so bring what a cascade of k selectors keeps, and ``block``
    steps bring all. The order is of no account to a sum.

    Liu, Whatmough, Zhu and Mattina, "S2TA" (HPCA 2022).

    Parameters
    ----------
    spec:
        The array.

    Members
    -------
    values : In
        The block's activations, the first lowest; the same until its final step.
    step, final : In(1)
        An activation leaves; it is the block's last.
    value, place : Out
        This activation, and its place in the block.
    """

    values: Signal
    step: Signal
    final: Signal
    value: Signal
    place: Signal

    def __init__(self, spec: SystolicSpec) -> None:
        self.signed, self.width = spec.mac.act_signed, spec.mac.modes[0].act_bits
        super().__init__(
            {
                "values": In(spec.block * self.width), "step": In(1), "final": In(1),
                "value": Out(self.width), "place": Out(spec.zeros.index_bits),
            }
        )  # fmt: skip

    def elaborate(self, platform: object) -> Module:
        m = Module()
        values = split(self.values, self.width)
        free = Signal(len(values), init=-1)
        sizes = magnitudes(m, values, self.signed, "magnitude")
        lines = largest(m, "largest", sizes, list(free))
        with m.If(self.step):
            m.d.sync += free.eq((free & ~Cat(lines)) | self.final.replicate(len(free)))
        m.d.comb += [
            self.value.eq(chosen(m, "chosen", lines, values)),
            self.place.eq(place(m, "chosen_place", lines)),
        ]
        return m


class ActFeeder(wiring.Component):
    """The serialisers of all blocks of a beat, in step.

    A beat takes ``keep`` steps, one a cycle, and stays at the input until the last of them.

    Parameters
    ----------
    spec:
        The array.

    Members
    -------
    acts : In
        ``rows * a`` rows of ``b`` activations.
    keep : In
        Activations of each block that are kept, 0 for all.
    valid, room : In(1)
        There is a beat; its final step may be taken.
    step, begins, final : Out(1)
        A step is taken; it is the first of its beat; it is the last, or would be.
    values, places : Out
        ``rows * a`` rows of ``lanes`` activations, and their places in their blocks.
    """

    acts: Signal
    keep: Signal
    valid: Signal
    room: Signal
    step: Signal
    begins: Signal
    final: Signal
    values: Signal
    places: Signal

    def __init__(self, spec: SystolicSpec) -> None:
        self.spec, self.serialiser = spec, Serialiser(spec)
        width, blocks = self.serialiser.width, spec.rows * spec.a * spec.zeros.lanes
        super().__init__(
            {
                "acts": In(blocks * spec.block * width), "keep": In(spec.zeros.index_bits),
                "valid": In(1), "room": In(1), "step": Out(1), "begins": Out(1), "final": Out(1),
                "values": Out(blocks * width), "places": Out(blocks * spec.zeros.index_bits),
            }
        )  # fmt: skip

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {SERIALISER: self.serialiser}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, width = self.spec, self.serialiser.width
        taken = Signal(spec.zeros.index_bits)
        count = Signal(spec.zeros.index_bits)
        m.d.comb += [
            # Modulo block, so that 0 stands for all of them.
            count.eq(taken + 1),
            self.final.eq(count == self.keep),
            self.step.eq(self.valid & (self.room | ~self.final)),
            self.begins.eq(self.step & ~taken.any()),
        ]
        with m.If(self.step):
            m.d.sync += taken.eq(Mux(self.final, 0, count))
        outputs, places = split(self.values, width), split(self.places, spec.zeros.index_bits)
        for number, values in enumerate(split(self.acts, spec.block * width)):
            m.submodules[f"block_{number}"] = instance(
                SERIALISER, self.serialiser, values=values, step=self.step, final=self.final,
                value=outputs[number], place=places[number],
            )  # fmt: skip
        return m
