"""The encoder of zeros' runs and of blocks of bit planes."""

from typing import Any

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.codec.ebpc.plane_codes import Field, plane_field
from macsmith.codec.ebpc.spec import RUN_BITS, ZERO_FIELD, EbpcEncoderSpec
from macsmith.codec.encoder import Encoder
from macsmith.codec.packer import Packer


class EbpcEncoder(Encoder):
    """Differences fill a block while the planes of the block before it leave.

        i ─┬─▶ runs of zeros ───────────────────────────────▶ pack ─┐
           └─▶ differences ─▶ [a block] ─▶ [planes] ─▶ codes ─▶ pack ─┴─▶ o

    One element a cycle if `EbpcSpec.steps` are no more than a block's values, else so many more
    cycles a block; at most two cycles more a word of zeros, and `EbpcSpec.settling` a packet, of
    which one at a time is in the unit. The order of both strings' words is that in which elements
    fill them, whatever stalls: a block's words come after what its last value ends of the zeros'
    words, and before what later elements do.
    """

    spec: EbpcEncoderSpec

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, i, o = self.spec, self.i, self.o
        m.submodules.zeros = zeros = Packer(spec.word, ZERO_FIELD)
        m.submodules.blocks = blocks = Packer(spec.word, spec.most_bits)
        # The packet's end has come in, and the end of its blocks has gone to be packed.
        closing = Signal()
        told = Signal()
        over = Signal()
        taken = Signal()
        # The element that comes, and whether it ends a block for which there is no room.
        kept = Signal()
        stuck = Signal()
        # The block that leaves: it waits while words of zeros that are older do.
        leaving = Signal()
        waiting = Signal()
        steps = Signal()
        full = Signal()
        # Words of zeros may go: none of a block that is older is to come.
        passes = Signal()
        m.d.comb += [
            kept.eq(i.payload.value.any()),
            i.ready.eq(~closing & zeros.i.ready & ~(kept & stuck)),
            taken.eq(i.valid & i.ready),
            zeros.i.valid.eq(i.valid & ~closing & ~(kept & stuck)),
            passes.eq(~blocks.o.valid & (~leaving | waiting)),
            zeros.o.ready.eq(o.ready & passes),
            steps.eq(leaving & ~(waiting & zeros.o.valid)),
        ]
        with m.If(~zeros.o.valid | (zeros.o.ready & ~closing)):
            m.d.sync += waiting.eq(0)
        self._zeros(m, zeros.i, kept)
        empty, block, loads, done = self._fill(m, closing, taken & kept, full)
        m.d.comb += [
            stuck.eq(full & leaving & ~done),
            loads.eq(full & ~stuck & (closing | (taken & kept))),
        ]
        self._planes(m, blocks, block, loads, steps, done)
        ends = Signal()
        m.d.comb += [
            ends.eq(closing & empty & ~leaving & ~zeros.o.valid & ~told),
            blocks.i.valid.eq(steps | ends),
            blocks.i.payload.last.eq(ends),
            blocks.o.ready.eq(o.ready),
        ]
        with m.If(loads):
            m.d.sync += [leaving.eq(1), waiting.eq(1)]
        with m.Elif(done):
            m.d.sync += leaving.eq(0)
        m.d.sync += [
            told.eq(~over & (told | (ends & blocks.i.ready))),
            closing.eq(~over & (closing | (taken & i.payload.last))),
        ]
        self._offer(m, zeros, blocks, passes, taken, over)
        return m

    def _zeros(self, m: Module, fields: Any, kept: Value) -> None:
        """Count zeros; a run leaves with what ends it. The count is one less, all ones of none."""
        last = self.i.payload.last
        run = Signal(RUN_BITS, init=-1)
        longer = Signal(RUN_BITS)
        some = Signal()
        leaves = Signal()
        m.d.comb += [
            longer.eq(run + 1),
            some.eq(kept & ~run.all()),
            leaves.eq(~kept & (last | longer.all())),
        ]
        out = fields.payload
        number = Mux(some, run, Mux(leaves, longer, 0))
        m.d.comb += [
            out.bits.eq(Cat(some, number, kept & ~some)),
            out.length.eq(
                Mux(kept, Mux(some, ZERO_FIELD, 1), Mux(leaves, 1 + RUN_BITS, 0))
            ),
            out.last.eq(last),
        ]  # fmt: skip
        with m.If(fields.valid & fields.ready):
            m.d.sync += run.eq(Mux(kept | leaves, -1, longer))

    def _fill(
        self, m: Module, closing: Value, comes: Value, full: Signal
    ) -> tuple[Value, tuple[Value, list[Value]], Signal, Signal]:
        """Take values, and zeros at a packet's end, until there is a whole block."""
        spec = self.spec
        value = Mux(closing, 0, self.i.payload.value)
        place = Signal(spec.place_bits)
        first = Signal(spec.width)
        before = Signal(spec.width)
        held = [Signal(spec.width + 1, name=f"delta_{at}") for at in range(spec.block - 2)]
        delta = Signal(spec.width + 1)
        loads = Signal()
        puts = Signal()
        done = Signal()
        empty = ~place.any()
        m.d.comb += [
            full.eq(place.all()),
            delta.eq(value - before),
            puts.eq(Mux(full, loads, comes | (closing & ~empty))),
        ]
        with m.If(puts):
            m.d.sync += [place.eq(place + 1), before.eq(value)]
            m.d.sync += [one.eq(after) for one, after in zip(held, [*held[1:], delta], strict=True)]
        with m.If(puts & empty):
            m.d.sync += first.eq(value)
        return empty, (first, [*held, delta]), loads, done

    def _planes(
        self, m: Module, blocks: Packer, block: tuple[Value, list[Value]], loads: Value,
        steps: Value, done: Signal,
    ) -> None:  # fmt: skip
        """Give a block's first value and its planes, so many items a cycle."""
        spec = self.spec
        lead, planes = spec.lead, spec.planes
        # Of each difference the bit of the plane before, and what is to come.
        rows = [Signal(lead + spec.width + 2, name=f"row_{at}") for at in range(spec.block - 1)]
        first = Signal(spec.width)
        at = Signal(range(spec.steps))
        run = Signal(range(spec.width + 2))
        begins = Signal()
        final = Signal()
        moves = Signal()
        m.d.comb += [
            begins.eq(at == 0),
            final.eq(at == spec.steps - 1),
            moves.eq(steps & blocks.i.ready),
            done.eq(moves & final),
        ]
        with m.If(loads):
            m.d.sync += [
                row.eq(delta << lead + 1) for row, delta in zip(rows, block[1], strict=True)
            ]
            m.d.sync += first.eq(block[0])
        with m.Elif(moves):
            m.d.sync += [row.eq(row >> planes) for row in rows]

        # The plane of each bit that rows hold, the first difference's highest.
        plain = [Cat(row[bit] for row in reversed(rows)) for bit in range(planes + 2)]
        changed = [Signal(spec.block - 1, name=f"changed_{slot}") for slot in range(planes + 1)]
        m.d.comb += [
            one.eq(now ^ before)
            for one, now, before in zip(changed, plain[1:], plain, strict=False)
        ]
        runs: Value = run
        fields: list[Field] = []
        for slot in range(planes):
            last = slot == planes - 1
            ends = Signal(name=f"ends_{slot}")
            m.d.comb += ends.eq(changed[slot + 1].any() | (final if last else 0))
            field, zero = plane_field(
                m, spec, changed[slot], plain[slot + 1], runs, ends, f"slot_{'ab'[slot]}"
            )
            more = Signal(len(run), name=f"run_{slot}")
            m.d.comb += more.eq(Mux(zero & ~begins if slot < lead else zero, runs + 1, 0))
            runs = more
            fields.append(self._item(field, first, begins, slot))
        with m.If(moves):
            m.d.sync += [at.eq(Mux(final, 0, at + 1)), run.eq(Mux(final, 0, runs))]
        wide = spec.most_bits
        joined, length = self._left(fields[0].bits, wide), fields[0].length
        for field in fields[1:]:
            joined = joined | self._left(field.bits, wide) >> length
            length = length + field.length
        out = blocks.i.payload
        with m.If(steps):
            m.d.comb += [out.bits.eq(joined), out.length.eq(length)]

    def _item(self, field: Field, first: Value, begins: Value, slot: int) -> Field:
        """Return what a slot gives: in the first step the block's first value, or nothing."""
        spec = self.spec
        if slot >= spec.lead:
            return field
        if slot:
            return Field(Mux(begins, 0, field.bits), Mux(begins, 0, field.length))
        wide = max(spec.width, spec.plane_bits)
        return Field(
            Mux(begins, self._left(first, wide), self._left(field.bits, wide)),
            Mux(begins, spec.width, field.length),
        )

    def _left(self, bits: Value, wide: int) -> Value:
        """Return bits at the high end of more."""
        return Cat(Const(0, wide - len(bits)), bits) if len(bits) < wide else bits

    def _offer(
        self, m: Module, zeros: Packer, blocks: Packer, passes: Value, taken: Value, over: Signal
    ) -> None:
        """Give both strings' words, those of blocks first, with the count at the packet's end."""
        spec, out = self.spec, self.o.payload
        count = Signal(spec.count_width)
        overflowed = Signal()
        following = Signal(spec.count_width + 1)
        ends = Signal()
        m.d.comb += [
            following.eq(count + 1), ends.eq(blocks.o.valid & blocks.o.payload.last),
            over.eq(ends & self.o.ready),
            self.o.valid.eq(blocks.o.valid | zeros.o.valid & passes),
            out.word.eq(Mux(blocks.o.valid, blocks.o.payload.word, zeros.o.payload.word)),
            out.blocks.eq(blocks.o.valid), out.last.eq(ends),
            out.count.eq(Mux(ends, count, 0)), out.error.eq(ends & overflowed),
        ]  # fmt: skip
        with m.If(over):
            m.d.sync += Cat(count, overflowed).eq(0)
        with m.Elif(taken):
            m.d.sync += [count.eq(following), overflowed.eq(overflowed | following[-1])]
