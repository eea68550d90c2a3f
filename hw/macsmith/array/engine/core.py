"""The engine without its registers: memories, array, requantisers and the loops between them."""

from collections.abc import Mapping
from functools import reduce
from operator import or_

from amaranth import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.onehot_mux import decode
from macsmith.array.engine.job_ports import job_layout
from macsmith.array.engine.operand_buffer import Buffer
from macsmith.array.engine.operand_loops import Sequencer
from macsmith.array.engine.register_map import COUNTERS, Error
from macsmith.array.engine.requantiser import Requantiser, channel_layout
from macsmith.array.engine.result_loops import Drain
from macsmith.array.engine.spec import EngineSpec
from macsmith.array.output_stationary.array import Systolic
from macsmith.mac.operand_registers import split


class EngineCore(wiring.Component):
    """One job after the other, its operands from three streams, its results to a fourth.

    After an error nothing more is read or taken; ``rst`` starts anew, and drops everything.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    start : In(1)
        Begin the job; only if not ``busy``, with no error.
    job : In(job_layout(spec))
        Taken with ``start``. Its sizes must be legal.
    busy : Out(1)
        From the cycle after ``start`` to the transfer of the last result, or to an error.
    error : Out(Error)
        Why the job stopped, or zero.
    counters : Out
        `COUNTERS`, 32 bits each, the first lowest.
    act, weight, channel
        Streams of words: ``*_data``, ``*_last``, ``*_valid`` in, ``*_ready`` out.
    result
        Stream of results: ``result_data``, ``result_keep``, ``result_last``, ``result_valid`` out,
        ``result_ready`` in. A bit of ``keep`` is a byte of data.
    """

    start: Signal
    job: data.View
    busy: Signal
    error: Signal
    counters: Signal
    result_data: Signal
    result_keep: Signal
    result_last: Signal
    result_valid: Signal
    result_ready: Signal

    def __init__(self, spec: EngineSpec) -> None:
        self.spec, self.array = spec, Systolic(spec.array)
        self.buffers = {
            "act": Buffer(spec.act_bits, spec.act_depth),
            "weight": Buffer(spec.weight_word_bits, spec.weight_depth),
            "channel": Buffer(channel_layout(spec).size, spec.channel_depth),
        }
        ports = {
            "start": In(1),
            "job": In(job_layout(spec)),
            "busy": Out(1),
            "error": Out(Error),
            "counters": Out(32 * len(COUNTERS)),
            "result_data": Out(spec.result_bits),
            "result_keep": Out(spec.result_bits // 8),
            "result_last": Out(1),
            "result_valid": Out(1),
            "result_ready": In(1),
        }
        for name, buffer in self.buffers.items():
            ports |= {
                f"{name}_data": In(buffer.o.shape()["data"].width),
                f"{name}_last": In(1),
                f"{name}_valid": In(1),
                f"{name}_ready": Out(1),
            }
        super().__init__(ports)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return self.array.parts

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, array, buffers = self.spec, self.array, self.buffers
        m.submodules.array = array
        for name, buffer in buffers.items():
            m.submodules[name] = buffer
        m.submodules.sequencer = sequencer = Sequencer(spec)
        m.submodules.drain = drain = Drain(spec)
        m.submodules.requantiser = requantiser = Requantiser(spec)
        act, weight, channel = buffers.values()

        # A word of activations and one of weights are read, and go to the array in the next cycle.
        issue = Signal()
        ready = Signal()
        valid = Signal()
        last = Signal()
        used = Signal.like(sequencer.used)
        beat = array.i.payload
        m.d.comb += [
            sequencer.start.eq(self.start),
            sequencer.job.eq(self.job),
            sequencer.issue.eq(issue),
            ready.eq(act.available & weight.available & ~self.error.any()),
            issue.eq(sequencer.active & ready & (~valid | array.i.ready)),
            array.i.valid.eq(valid),
            beat.a.eq(act.o.data & self._mask(m, used)),
            beat.w.eq(weight.o.data),
            beat.last.eq(last),
        ]
        if spec.array.zeros.index_bits:
            m.d.comb += beat.index.eq(weight.o.data[spec.weight_bits :])
        if len(spec.points) > 1:
            m.d.comb += beat.mode.eq(self.job.mode)
        m.d.sync += valid.eq(issue | (valid & ~array.i.ready))
        with m.If(issue):
            m.d.sync += [last.eq(sequencer.last), used.eq(sequencer.used)]

        # Columns of sums go through the requantisers.
        wiring.connect(m, array.o, drain.i)
        wiring.connect(m, drain.o, requantiser.i)
        result = requantiser.o
        wide = result.payload.present
        keeps = [
            Cat(lane.replicate(spec.result_bytes(raw)) for lane in wide) for raw in (False, True)
        ]
        m.d.comb += [
            drain.start.eq(self.start),
            drain.job.eq(self.job),
            drain.channel_ready.eq(channel.available),
            requantiser.raw.eq(self.job.raw),
            requantiser.channel.eq(channel.o.data),
            self.result_data.eq(result.payload.data),
            self.result_keep.eq(Mux(self.job.raw, keeps[1], keeps[0])),
            self.result_last.eq(result.payload.last),
            self.result_valid.eq(result.valid),
            result.ready.eq(self.result_ready),
        ]

        running = Signal()
        done = ~(sequencer.active | drain.active | drain.o.valid) & requantiser.empty
        m.d.sync += running.eq(self.start | (running & ~done))
        m.d.comb += self.busy.eq(running & ~self.error.any())

        uses = {"act": sequencer.act, "weight": sequencer.weight, "channel": drain.channel}
        for name, buffer in buffers.items():
            self._connect(m, name, buffer, uses[name])
        stuck = sequencer.active & (act.stuck | weight.stuck)
        stuck |= drain.active & ~self.job.raw & channel.stuck
        self._stop(m, running & stuck, Error.CAPACITY)
        if spec.array.zeros.index_bits:
            self._stop(m, running & array.fault, Error.INDEX)
        self._count(
            m,
            cycles=self.busy,
            steps=valid & array.i.ready,
            starved=sequencer.active & (~valid | array.i.ready) & ~ready,
            blocked=valid & ~array.i.ready,
            result_beats=self.result_valid & self.result_ready,
            **{f"{name}_writes": buffer.i.valid & buffer.i.ready
               for name, buffer in buffers.items()},
            **{f"{name}_reads": buffer.read for name, buffer in buffers.items()},
        )  # fmt: skip
        return m

    def _mask(self, m: Module, used: Value) -> Value:
        """Return ones for the activations that the step has: those within K."""
        spec = self.spec
        masks = []
        for index, mode in enumerate(spec.points):
            row = Cat(bit.replicate(mode.act_bits) for bit in used[: spec.step_length(index)])
            masks.append(row.replicate(spec.tile_rows))
        if len(masks) == 1:
            return masks[0]
        lines = decode(m, self.job.mode, len(masks), "is_in")
        chosen = zip(masks, lines, strict=True)
        return reduce(or_, (mask & line.replicate(len(mask)) for mask, line in chosen))

    def _connect(self, m: Module, name: str, buffer: Buffer, use: data.View) -> None:
        """Connect a memory to its stream and to its loops, and check its packets."""
        word_data, word_last = getattr(self, f"{name}_data"), getattr(self, f"{name}_last")
        word_valid, word_ready = getattr(self, f"{name}_valid"), getattr(self, f"{name}_ready")
        open_ = ~self.error.any()
        m.d.comb += [
            buffer.i.valid.eq(word_valid & open_),
            buffer.i.payload.data.eq(word_data),
            buffer.i.payload.last.eq(word_last),
            word_ready.eq(buffer.i.ready & open_),
            *(getattr(buffer, port).eq(use[port])
              for port in ("read", "advance", "release", "rewind")),
        ]  # fmt: skip
        was_read, may_end, must_end = (
            Signal(name=f"{name}_{line}") for line in ("was_read", "may_end", "must_end")
        )
        m.d.sync += was_read.eq(buffer.read)
        with m.If(buffer.read):
            m.d.sync += [may_end.eq(use.may_end), must_end.eq(use.must_end)]
        wrong = Mux(buffer.o.last, ~may_end, must_end)
        self._stop(m, was_read & wrong, Error[f"{name.upper()}_FRAMING"])

    def _stop(self, m: Module, condition: Value, error: Error) -> None:
        """Note an error, unless there was one before."""
        with m.If(condition & ~self.error.any()):
            m.d.sync += self.error.eq(error)

    def _count(self, m: Module, **events: Value) -> None:
        """Count events, each with the counter of its name."""
        for name, counter in zip(COUNTERS, split(self.counters, 32), strict=True):
            with m.If(events.pop(name)):
                m.d.sync += counter.eq(counter + 1)
        assert not events
