"""The engine: packets load it, runs scan activations, broadcast them, and give results."""

from collections.abc import Mapping

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import wiring

from macsmith.rtl.external_memory import WithoutMemories
from macsmith.rtl.shared_module import instance
from macsmith.rtl.stream_component import StreamComponent
from macsmith.sparse.eie.drain import Drain
from macsmith.sparse.eie.leading_nonzero import node_modules
from macsmith.sparse.eie.loader import Loader
from macsmith.sparse.eie.pe import EiePe
from macsmith.sparse.eie.scanner import Scanner
from macsmith.sparse.eie.spec import EieSpec

PE = "macsmith_pe"
"""The module of its PEs."""


class Eie(StreamComponent):
    """A stream of packets in, an answer to each out.

        i ─▶ loader ─▶ PEs ─▶ source values ─▶ scanner ─▶ broadcast ─▶ PEs' queues
                        └───▶ sums, row by row ─▶ drain ─▶ o

    A packet brings a codebook, a PE's pointers or its entries, and is answered by one beat; or a
    run: its header and, unless it is chained to the run before, the activations. A run broadcasts
    the activations that are not zero, one a cycle, and none while a PE's queue is full. When the
    last sum is written the results come out. So cycles depend on the operands alone, as
    `macsmith.golden.sparse.eie` reckons them.

    The error of an answer is up if the packet is too long or too short, a codebook's first weight
    is not zero, sizes are 0 or too large, there is no codebook, a chained run has other inputs than
    the last one had outputs, or pointers or rows in a run were out of range. What is out of range
    is neither written nor added.

    Parameters
    ----------
    spec:
        The engine.

    Members
    -------
    i : In(stream.Signature(spec.input_layout))
        Packets.
    o : Out(stream.Signature(spec.output_layout))
        Answers.
    """

    def __init__(self, spec: EieSpec) -> None:
        self.spec = spec
        self.pe = EiePe(spec)
        self.nodes = node_modules(spec.pes, spec.data_width)
        super().__init__(spec.input_layout, spec.output_layout)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {PE: self.pe, **self.nodes}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec = self.spec
        m.submodules.loader = loader = Loader(spec, 2 ** len(self.pe.load_at))
        m.submodules.scanner = scanner = Scanner(spec, self.nodes)
        m.submodules.drain = drain = Drain(spec)
        low = (spec.pes - 1).bit_length()
        whole = Signal(range(spec.depth + 1))
        rest = Signal(low)
        chained_relu = Signal()
        m.d.comb += [
            whole.eq(loader.header.outputs >> low), rest.eq(loader.header.outputs),
        ]  # fmt: skip
        with m.If(loader.begins):
            m.d.sync += chained_relu.eq(loader.header.relu)
        relu = Signal()
        source_relu = Signal()
        with m.If(loader.begins):
            # The results that a chained run begins with are those of the run before.
            m.d.sync += source_relu.eq(loader.header.chain & chained_relu)
        outcome = Signal()
        m.d.comb += relu.eq(Mux(outcome, loader.header.relu, source_relu))
        with m.If(scanner.finished):
            m.d.sync += outcome.eq(1)
        with m.If(loader.begins):
            m.d.sync += outcome.eq(0)
        values, full, busy, errors = [], [], [], []
        for pe in range(spec.pes):
            limit = Signal(range(spec.depth + 1), name=f"row_limit_{pe}")
            value = Signal(spec.data_width, name=f"value_{pe}")
            is_full = Signal(name=f"full_{pe}")
            is_busy = Signal(name=f"busy_{pe}")
            is_wrong = Signal(name=f"error_{pe}")
            m.d.comb += limit.eq(whole + (rest > pe if low else 0))
            m.submodules[f"pe_{pe}"] = instance(
                PE, self.pe,
                load_codebook=loader.codebook, load_pointer=loader.pointer[pe],
                load_entries=loader.entries[pe], load_act=loader.act[pe],
                load_at=loader.at, load_data=loader.data,
                swap=loader.swap, forget=loader.forget, begins=loader.begins, row_limit=limit,
                read=scanner.read, show=drain.show,
                read_at=Mux(drain.show, drain.read_at, scanner.read_at), relu=relu,
                push=scanner.push, column=scanner.column, act=scanner.act,
                value=value, full=is_full, busy=is_busy, error=is_wrong,
            )  # fmt: skip
            values.append(value)
            full.append(is_full)
            busy.append(is_busy)
            errors.append(is_wrong)
        m.d.comb += [
            scanner.begins.eq(loader.begins), scanner.inputs.eq(loader.header.inputs),
            scanner.values.eq(Cat(values)), scanner.full.eq(Cat(full).any()),
            scanner.busy.eq(Cat(busy).any()),
            drain.start.eq(scanner.finished), drain.outputs.eq(loader.header.outputs),
            drain.error.eq(Cat(errors).any()), drain.cycles.eq(scanner.cycles),
            drain.values.eq(Cat(values)), drain.o.ready.eq(self.o.ready),
            loader.i.valid.eq(self.i.valid), loader.i.payload.eq(self.i.payload),
            self.i.ready.eq(loader.i.ready),
            self.o.valid.eq(loader.answer | drain.o.valid),
            self.o.payload.eq(drain.o.payload),
            loader.done.eq(self.o.valid & self.o.ready & self.o.payload.last),
        ]  # fmt: skip
        with m.If(loader.answer):
            m.d.comb += [
                self.o.payload.eq(0), self.o.payload.last.eq(1),
                self.o.payload.error.eq(loader.failed),
            ]  # fmt: skip
        return m


class EieLogic(Eie):
    """The engine without memories, which are instances for macros to take their place."""

    platform = WithoutMemories()
