"""The unit around a core: two streams, operand registers, and what is made of the totals."""

from collections.abc import Mapping

from amaranth import Module, Signal, Value

from macsmith.compact.stream_dot.core import Spec, StreamDotCore
from macsmith.rtl.pipeline_stage import PipelineStage
from macsmith.rtl.stream_component import StreamComponent


class StreamDot(StreamComponent):
    """A stream of beats in, a stream of results out, one for each packet.

        i ─▶ [operands] ─▶ core: gain ─▶ [gain] ─▶ + ─▶ [total] ─▶ results ─▶ o

    The beats up to ``last`` form a packet. A beat a cycle, `StreamDotSpec.latency` cycles to a
    result. A result that nobody takes stops all stages; there is a combinational path from
    ``o.ready`` to ``i.ready``. ``rst`` drops everything in flight.

    Parameters
    ----------
    core:
        What adds up.

    Members
    -------
    i : In(stream.Signature(spec.input_struct))
        Beats.
    o : Out(stream.Signature(spec.output_struct))
        Results.
    """

    def __init__(self, core: StreamDotCore[Spec]) -> None:
        self.core, self.spec = core, core.spec
        super().__init__(self.spec.input_struct, self.spec.output_struct)

    def results(
        self, m: Module, totals: Mapping[str, Value], closing: Mapping[str, Value]
    ) -> Mapping[str, Value]:
        """Return what a packet gives, of its totals and what its last beat brought."""
        return totals

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.core = core = self.core
        spec, beat = self.spec, self.i.payload
        go, fresh, accept = Signal(), Signal(init=1), Signal()
        m.d.comb += [
            go.eq(~self.o.valid | self.o.ready),
            self.i.ready.eq(go),
            accept.eq(self.i.valid & go),
        ]
        with m.If(accept):
            m.d.sync += fresh.eq(beat.last)
        held = PipelineStage(m, "held", go, accept)
        for name in spec.operands:
            word = self._operand(m, name, accept)
            m.d.comb += getattr(core, name).eq(word)
        facts = held.registers({"last": beat.last, **{name: beat[name] for name in spec.closing}})
        added = PipelineStage(m, "added", go, held.valid)
        m.d.comb += [
            core.opens.eq(held.register("opens", fresh)),
            core.beat_en.eq(go & held.valid),
            core.gain_en.eq(go & added.valid),
        ]
        facts = added.registers(facts)
        done = PipelineStage(m, "done", go, added.valid & facts["last"])
        closing = done.registers({name: facts[name] for name in spec.closing})
        totals = {name: getattr(core, name) for name in spec.totals}
        results = self.results(m, totals, closing)
        if spec.closing_stages:
            done = PipelineStage(m, "closed", go, done.valid)
            results = done.registers(results)
        m.d.comb += self.o.valid.eq(done.valid)
        for name in spec.results:
            m.d.comb += self.o.payload[name].eq(results[name])
        return m

    def _operand(self, m: Module, name: str, accept: Value) -> Signal:
        """Return an operand as its register holds it, which rests where a beat has none."""
        word = self.i.payload[name]
        register = Signal(len(word), name=f"held_{name}", reset_less=True)
        resting = self.spec.rests.get(name)
        load = accept & ~self.i.payload[resting] if resting else accept
        with m.If(load):
            m.d.sync += register.eq(word)
        return register
