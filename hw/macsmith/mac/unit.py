"""The MAC as a designer instantiates it: a core behind two streams."""

from collections.abc import Mapping

from amaranth import Cat, Module, Mux, Signal, Value
from amaranth.lib import data

from macsmith.arith.onehot_mux import decode
from macsmith.contract.bit_routes import Source
from macsmith.contract.modes import Mode
from macsmith.mac.core import MacCore
from macsmith.mac.operand_routing import members, routed
from macsmith.mac.spec import MacSpec
from macsmith.rtl.ring import is_at
from macsmith.rtl.stream_component import StreamComponent
from macsmith.rtl.stream_fifo import StreamFifo


def input_layout(spec: MacSpec) -> data.StructLayout:
    """Return the layout of an input beat: activations, weights, mode index, last.

    Lane 0 is lowest in ``a`` and in ``w``; bits that the mode does not use are ignored. A unit
    of one mode has no ``mode`` field.
    """
    fields: dict[str, object] = {"a": spec.act_port_width, "w": spec.weight_port_width}
    if len(spec.modes) > 1:
        fields["mode"] = range(len(spec.modes))
    return data.StructLayout(fields | {"last": 1})


def operand_bits(spec: MacSpec) -> dict[str, range]:
    """Return the bits of the input payload that carry operands."""
    return {"i__payload": range(spec.act_port_width + spec.weight_port_width)}


class MacUnit(StreamComponent):
    """A stream of operand beats in, a stream of accumulations out.

    The beats up to ``last`` form one accumulation: ``acc = sum over beats, lanes of a * w``. Its
    mode is that of its first beat. Accumulators wrap modulo ``2 ** acc_bits``.

    A beat takes `MacSpec.cycles` of its mode, accumulations of one beat included, and its result
    is valid `MacSpec.latency` cycles after it was accepted. A result that is not taken stops the
    whole pipeline, so nothing is lost or repeated; ``o.ready`` reaches ``i.ready`` without a
    register. Where `MacSpec.free_running` nothing stops: results wait in a queue, and a beat is
    taken only if there is room for the results of all beats before it; then ``i.ready`` depends on
    registers alone.
    ``rst`` drops everything in flight.

    Parameters
    ----------
    core:
        The MAC style.

    Members
    -------
    i : In(stream.Signature(input_layout(spec)))
        Operand beats.
    o : Out(stream.Signature(spec.result_width))
        Accumulators, slot 0 lowest, contiguous; the last is extended to the port's top.
    """

    def __init__(self, core: MacCore) -> None:
        self.core, self.spec = core, core.spec
        super().__init__(input_layout(core.spec), core.spec.result_width)

    @property
    def parts(self) -> Mapping[str, MacCore]:
        """Components that are instantiated by module name, so that each is written once."""
        return self.core.parts

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        m.submodules.core = core = self.core
        m.submodules.feeder = feeder = core.feeder()
        beat = self.i.payload

        # One valid bit a stage; a result that waits stops them all.
        go = Signal()
        accept = Signal()
        fresh = Signal(init=1)
        held = Signal()
        finished = Signal()
        held_first = Signal()
        held_last = Signal()
        # One bit at least: a signal without bits is an odd thing in Verilog.
        modes = range(max(2, len(spec.modes)))
        mode_in, mode_held, mode_finished = (
            Signal(modes, name=f"mode_{stage}") for stage in ("in", "held", "finished")
        )
        complete = Signal()
        of_beat = {
            "valid": held,
            "first": held_first,
            "last": held_last,
            "digit_done": feeder.digit_done,
            "done": feeder.done,
            "mode": mode_held,
        }
        multiplied = self._multiplied(m, of_beat, go) if spec.stages == 2 else of_beat
        if spec.free_running:
            m.d.comb += go.eq(1)
        else:
            m.d.comb += [
                go.eq(~self.o.valid | self.o.ready),
                self.i.ready.eq(go & (~held | feeder.done)),
            ]
        m.d.comb += [
            accept.eq(self.i.valid & self.i.ready),
            complete.eq(multiplied["valid"] & multiplied["done"]),
        ]
        if not spec.free_running:
            m.d.comb += self.o.valid.eq(finished)
        m.d.comb += [
            mode_in.eq(Mux(fresh, beat.mode, mode_held) if len(spec.modes) > 1 else 0),
        ]
        with m.If(accept):
            m.d.sync += [
                fresh.eq(beat.last),
                held_first.eq(fresh),
                held_last.eq(beat.last),
                mode_held.eq(mode_in),
            ]
        with m.If(go):
            m.d.sync += [
                held.eq(accept | (held & ~feeder.done)),
                finished.eq(complete & multiplied["last"]),
            ]
            with m.If(complete):
                m.d.sync += mode_finished.eq(multiplied["mode"])

        is_in = decode(m, mode_in, len(spec.modes), "is_in")
        is_held = decode(m, mode_held, len(spec.modes), "is_held")
        is_multiplied = is_held
        if spec.stages == 2:
            is_multiplied = decode(m, multiplied["mode"], len(spec.modes), "is_multiplied")
        is_finished = decode(m, mode_finished, len(spec.modes), "is_finished")

        acc_live = members(is_multiplied, spec.modes, [group.modes for group in spec.acc_groups])
        acc_go = [
            multiplied["valid"] & multiplied["digit_done" if group.each_digit else "done"] & go
            for group in spec.acc_groups
        ]
        operands = [
            routed(is_in, beat.a, spec.modes, spec.act_source),
            routed(is_in, beat.w, spec.modes, spec.weight_source),
        ]
        result = routed(is_finished, core.acc, spec.modes, self._result_source)
        if spec.free_running:
            # Zeros in place of a beat that does not come: their product changes no accumulator.
            operands = [operand & accept.replicate(len(operand)) for operand in operands]
            self._queued(m, finished, result, accept & beat.last)
        m.d.comb += [
            feeder.load.eq(1 if spec.free_running else accept),
            feeder.advance.eq(held & go),
            feeder.mode.eq(Cat(is_held)),
            feeder.act_in.eq(operands[0]),
            feeder.weight_in.eq(operands[1]),
            core.act.eq(feeder.act),
            core.weight.eq(feeder.weight),
        ]
        if spec.free_running:
            m.d.comb += core.first.eq(multiplied["first"] & multiplied["valid"])
        else:
            m.d.comb += [
                core.acc_en.eq(acc_live & Cat(acc_go)),
                core.first.eq(multiplied["first"]),
                self.o.payload.eq(result),
            ]
        if spec.product_groups and not spec.free_running:
            live = members(is_held, spec.modes, [group.modes for group in spec.product_groups])
            m.d.comb += core.product_en.eq(live & (held & go).replicate(len(live)))
        if spec.control_sets:
            m.d.comb += core.control.eq(members(is_held, spec.modes, spec.control_sets))
        if spec.acc_control_sets:
            m.d.comb += core.acc_control.eq(
                members(is_multiplied, spec.modes, spec.acc_control_sets)
            )
        if spec.step_names:
            m.d.comb += core.step.eq(feeder.step)
        if spec.acc_step_names:
            acc_step = Signal.like(feeder.acc_step)
            with m.If(go & held):
                m.d.sync += acc_step.eq(feeder.acc_step)
            m.d.comb += core.acc_step.eq(acc_step)
        return m

    def _queued(self, m: Module, finished: Value, result: Value, owes: Value) -> None:
        """Let results wait in a queue, and take beats while it has room for what they may owe."""
        depth = self.spec.stages + 2
        m.submodules.queue = queue = StreamFifo(len(result), depth)
        owed = Signal(range(depth + 1))
        m.d.comb += [
            self.i.ready.eq(~is_at(owed, depth)),
            self.o.valid.eq(queue.o.valid | finished),
            self.o.payload.eq(Mux(queue.o.valid, queue.o.payload, result)),
            queue.o.ready.eq(self.o.ready),
            queue.i.valid.eq(finished & (queue.o.valid | ~self.o.ready)),
            queue.i.payload.eq(result),
        ]
        m.d.sync += owed.eq(owed + owes - (self.o.valid & self.o.ready))

    @staticmethod
    def _multiplied(m: Module, of_beat: Mapping[str, Signal], go: Signal) -> dict[str, Signal]:
        """Return what is known of the product in the product register: the same a stage later."""
        later = {
            name: Signal.like(signal, name=f"multiplied_{name}") for name, signal in of_beat.items()
        }
        with m.If(go):
            m.d.sync += later["valid"].eq(of_beat["valid"])
            with m.If(of_beat["valid"]):
                m.d.sync += [
                    later[name].eq(signal) for name, signal in of_beat.items() if name != "valid"
                ]
        return later

    def _result_source(self, mode: Mode) -> tuple[Source, ...]:
        """Return, for each bit of the output payload, its bit of the accumulator."""
        sources = self.spec.acc_source(mode)
        filler = sources[-1] if self.spec.result_signed else None
        return (*sources, *[filler] * (self.spec.result_width - len(sources)))
