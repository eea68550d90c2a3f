"""The core of a dot product: what a beat adds, a register for it, and accumulators.

    operands -> gains -> [gain] -> + -> [total]

This is the boundary at which MACs are measured: operand registers and streams stay outside.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Generic, TypeVar

from amaranth import Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.bit_heap import BitHeap
from macsmith.arith.chosen_heap import heap_of
from macsmith.compact.stream_dot.spec import StreamDotSpec

Spec = TypeVar("Spec", bound=StreamDotSpec)


class StreamDotCore(wiring.Component, Generic[Spec]):
    """Gains of beats and what they add up to; a gain is accumulated a cycle after its operands.

    Members
    -------
    each of `StreamDotSpec.operands` : In
        Operands of a beat.
    opens : In(1)
        Whether the beat begins a packet.
    beat_en : In(1)
        Whether there is a beat, and it moves on.
    gain_en : In(1)
        Whether there is a gain, and it moves on.
    each of `StreamDotSpec.totals` : Out
        The accumulators.
    """

    opens: Signal
    beat_en: Signal
    gain_en: Signal

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        super().__init__(
            {
                **{name: In(part.width) for name, part in spec.operands.items()},
                "opens": In(1),
                "beat_en": In(1),
                "gain_en": In(1),
                **{name: Out(total.shape) for name, total in spec.totals.items()},
            }
        )

    @abstractmethod
    def gains(self, m: Module) -> Mapping[str, Value]:
        """Return what the beat adds to each total, of the shape that it states."""

    def heap(self, m: Module, width: int, name: str, leaves: bool = True) -> BitHeap:
        """Return an empty heap that adds as the specification says."""
        return heap_of(m, self.spec, width, name, leaves)

    def operand(self, name: str) -> list[Value]:
        """Return the values of an operand, lane 0 first."""
        part = self.spec.operands[name]
        word: Signal = getattr(self, name)
        return [word[lane * part.bits : (lane + 1) * part.bits] for lane in range(part.lanes)]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        opens = Signal(name="gain_opens", reset_less=True)
        with m.If(self.beat_en):
            m.d.sync += opens.eq(self.opens)
        gains = self.gains(m)
        for name, total in self.spec.totals.items():
            gain = Signal(total.gain, name=f"{name}_gain", reset_less=True)
            with m.If(self.beat_en):
                m.d.sync += gain.eq(gains[name])
            acc = Signal(total.shape, name=f"{name}_acc", reset_less=True)
            kept = Signal(total.shape, name=f"{name}_kept")
            m.d.comb += [
                kept.eq(acc & ~opens.replicate(len(acc))),
                getattr(self, name).eq(acc),
            ]
            following = self._following(m, name, gain, kept)
            with m.If(self.gain_en):
                m.d.sync += acc.eq(following)
        return m

    def _following(self, m: Module, name: str, gain: Value, kept: Signal) -> Value:
        if self.spec.totals[name].flag:
            return gain | kept
        heap = self.heap(m, len(kept), f"{name}_sum", leaves=False)
        heap.add_word(gain)
        heap.add_word(kept)
        return heap.sum()
