"""Flags of registers that are zero, and entries that are looked up by an instruction's address."""

from functools import reduce
from operator import or_

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.rtl.stream_component import StreamComponent
from macsmith.sparse.sparce.spec import Kind, SkipTableSpec


class SkipTable(StreamComponent):
    """A beat a cycle: an address in, that of the instruction to be fetched out.

        address ─▶ = entries ─▶ the first that has it ─▶ flags of its registers ─▶ + skip ─▶ [o]
        result  ─▶ zero? ─▶ [flag of its register]

    All entries are compared at once. A flag is known to the beat after its result's. After a reset
    no register is known to be zero, and there are no entries.

    Parameters
    ----------
    spec:
        The table.

    Members
    -------
    i : In(stream.Signature(spec.input_layout))
        Addresses, results and entries.
    o : Out(stream.Signature(spec.output_layout))
        An answer to each.
    """

    def __init__(self, spec: SkipTableSpec) -> None:
        self.spec = spec
        super().__init__(spec.input_layout, spec.output_layout)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, beat, out = self.spec, self.i.payload, self.o.payload
        zero = Signal(spec.registers)
        taken = Signal()
        m.d.comb += [self.i.ready.eq(~self.o.valid | self.o.ready),
                     taken.eq(self.i.valid & self.i.ready)]  # fmt: skip
        clears = taken & (beat.kind == Kind.CLEAR)
        places = Cat(beat.place == at for at in range(spec.entries))
        hits = Signal(spec.entries)
        chosen = Signal(spec.entries)
        width = spec.skip_width + 2 * spec.register_bits + 1
        words = []
        for at in range(spec.entries):
            word = Signal(width, name=f"entry_{at}", reset_less=True)
            address = Signal(spec.address_width, name=f"address_{at}", reset_less=True)
            used = Signal(name=f"used_{at}")
            with m.If(clears):
                m.d.sync += used.eq(0)
            with m.Elif(taken & (beat.kind == Kind.ENTRY) & places[at]):
                m.d.sync += [
                    used.eq(beat.skip.any()), address.eq(beat.address),
                    word.eq(Cat(beat.skip, beat.first, beat.second, beat.both)),
                ]  # fmt: skip
            m.d.comb += hits[at].eq(used & (address == beat.address))
            words.append(word & chosen[at].replicate(width))
        m.d.comb += chosen.eq(Cat(hit & ~hits[:at].any() for at, hit in enumerate(hits)))
        for register in range(spec.registers):
            with m.If(clears):
                m.d.sync += zero[register].eq(0)
            with m.Elif(taken & (beat.kind == Kind.WRITEBACK) & (beat.first == register)):
                m.d.sync += zero[register].eq(~beat.value.any())
        entry = Signal(width)
        m.d.comb += entry.eq(reduce(or_, words))
        skip, rest = entry[: spec.skip_width], entry[spec.skip_width :]
        first = zero.bit_select(rest[: spec.register_bits], 1)
        second = zero.bit_select(rest[spec.register_bits : -1], 1)
        skips = Signal()
        fetches = Signal()
        m.d.comb += [
            fetches.eq(beat.kind == Kind.FETCH),
            skips.eq(fetches & hits.any() & Mux(rest[-1], first & second, first | second)),
        ]
        several: Value = Const(0, 1)
        for at in range(1, spec.entries):
            several = several | (hits[at] & hits[:at].any())
        with m.If(self.i.ready):
            m.d.sync += self.o.valid.eq(self.i.valid)
        with m.If(taken):
            m.d.sync += [
                out.address.eq(Mux(fetches, beat.address + Mux(skips, skip, 0), 0)),
                out.skipped.eq(skips), out.last.eq(beat.last),
                out.error.eq(
                    (fetches & several) | ((beat.kind == Kind.ENTRY) & ~places.any())
                ),
            ]  # fmt: skip
        return m
