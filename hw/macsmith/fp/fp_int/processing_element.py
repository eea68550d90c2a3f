"""The processing element: lanes that accumulate by themselves, one stream of operands for all."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from amaranth import Cat, Module, Signal, Value

from macsmith.arith.onehot_mux import decode
from macsmith.fp.dot.stage import Stage
from macsmith.fp.fp_int.merged_lane import MergedLane
from macsmith.fp.fp_int.pe_lane import PeLane
from macsmith.fp.fp_int.separate_lane import SeparateLane
from macsmith.fp.fp_int.spec import FpIntSpec
from macsmith.fp.number.unpack import chosen
from macsmith.rtl.named_signal import wired
from macsmith.rtl.packet_point import packet_point
from macsmith.rtl.shared_module import instance
from macsmith.rtl.stream_component import StreamComponent

PE_LANE = "macsmith_pe_lane"
"""The module of a lane, where it is instantiated by name."""


class ProcessingElement(StreamComponent):
    """A stream of beats of two vectors in, a stream of the lanes' sums out.

    The beats up to ``last`` form a packet, of the formats of its first beat, and each lane adds its
    own products. A packet of floating point starts from the negative zero, one of integers from
    zero.

    A beat a cycle, 3 cycles to a result. A result that nobody takes stops all stages; there is a
    combinational path from ``o.ready`` to ``i.ready``. ``rst`` drops everything in flight.

    Parameters
    ----------
    lane:
        Makes what all lanes are instances of.
    spec:
        The unit.

    Members
    -------
    i : In(stream.Signature(spec.input_struct))
        Beats.
    o : Out(stream.Signature(spec.output_struct))
        Sums.
    """

    def __init__(self, lane: type[PeLane], spec: FpIntSpec) -> None:
        self.spec, self.lane = spec, lane(spec)
        super().__init__(spec.input_struct, spec.output_struct)

    @property
    def parts(self) -> Mapping[str, Any]:
        """Components that are instantiated by module name, so that each is written once."""
        return {PE_LANE: self.lane, **self.lane.parts}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, beat = self.spec, self.i.payload
        go, fresh, accept = Signal(), Signal(init=1), Signal()
        m.d.comb += [
            go.eq(~self.o.valid | self.o.ready),
            self.i.ready.eq(go),
            accept.eq(self.i.valid & go),
        ]
        with m.If(accept):
            m.d.sync += fresh.eq(beat.last)
        point = packet_point(m, beat.point, accept, fresh)
        line = wired(m, "line", Cat(decode(m, point, len(spec.points), "is_in")))
        multiplied = Stage(m, "multiplied", go, accept)
        facts = multiplied.registers(
            {"last": beat.last, "opens": fresh, "whole": line[2] | line[3]}
        )
        added = Stage(m, "added", go, multiplied.valid)
        later = added.registers(facts)
        done = Stage(m, "done", go, added.valid & later["last"])
        result = done.register("whole", later["whole"])
        ports = {
            "line": line,
            "take": Cat(accept, go & multiplied.valid, go & added.valid),
            "whole": Cat(facts["whole"], later["whole"], result),
            "fresh": fresh,
            "opens": later["opens"],
        }
        shared = {name: wired(m, f"lanes_{name}", value) for name, value in ports.items()}
        sums = []
        for lane in range(spec.lanes):
            total = Signal(len(self.lane.sum), name=f"lane{lane}_sum")
            words = {f"int_{side}": beat[side].word_select(lane, spec.int_bits) for side in "ab"}
            words |= {f"fp_{side}": self._codes(m, side, lane, line) for side in "ab"}
            m.submodules[f"lane{lane}"] = instance(PE_LANE, self.lane, **shared, **words, sum=total)
            sums.append(total)
        m.d.comb += [self.o.valid.eq(done.valid), self.o.payload.sum.eq(Cat(sums))]
        return m

    def _codes(self, m: Module, side: str, lane: int, line: Value) -> Value:
        """Return the floating-point codes of a lane, from where they lie at the point."""
        dot = self.spec.dot
        widths = [getattr(point, side).width * dot.slots(point) for point in dot.points]
        words = [self.i.payload[side].word_select(lane, width) for width in widths]
        if len(set(widths)) == 1:
            return words[0]
        lines = list(line[: len(words)])
        return chosen(m, f"lane{lane}_{side}", lines, [list(word) for word in words])


merged = partial(ProcessingElement, MergedLane)
"""One pipeline for both."""

separate = partial(ProcessingElement, SeparateLane)
"""A pipeline for each."""
