"""The dot-product unit: lanes of products, one sum of them, an accumulator that is rounded."""

from collections.abc import Mapping

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed

from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.onehot_mux import decode
from macsmith.fp.dot.accumulator import Beat, EarlySum, LateSum, SumOf, next_acc
from macsmith.fp.dot.beat_sum import Products
from macsmith.fp.dot.chunks import chunk_marks, next_outer
from macsmith.fp.dot.dot_parameters import RAW
from macsmith.fp.dot.lane import Lane
from macsmith.fp.dot.operands import LANE, Operands
from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.dot.stage import AnyStage, Stage
from macsmith.fp.dot.window import window_sum
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.packing import packed
from macsmith.fp.number.rounding import rounded
from macsmith.fp.number.specials import Specials
from macsmith.fp.number.unpack import unpack
from macsmith.rtl.named_signal import wired
from macsmith.rtl.packet_point import packet_point
from macsmith.rtl.stream_component import StreamComponent


def sum_of_products(m: Module, spec: FpDotSpec, products: Products, stage: AnyStage) -> SumOf:
    """Return the sum of the products, or the products aligned, as the next stage holds them."""
    if spec.alignment == "window":
        terms, top = products.aligned(m, spec)
        if spec.order == "early":
            return EarlySum([stage.term(index, one) for index, one in enumerate(terms)],
                            stage.exponent("top", top))  # fmt: skip
        total, lsb = window_sum(m, "window", spec, terms, top)
    else:
        total, lsb = products.exact(m, spec)
    return LateSum(stage.register("total", total), stage.exponent("lsb", lsb))


class FpDot(StreamComponent):
    """A stream of beats of two vectors in, a stream of their rounded dot products out.

        a, b ─▶ [products] ─▶ aligned, one heap ─▶ [sum] ─▶ + acc, rounded ─▶ [acc] ─▶ o

    The beats up to ``last`` form a packet, of the formats of its first beat. Each adds its products
    to the accumulator, which is rounded once a beat; a raw one is exact, and its result may be
    rounded in a stage of its own. A packet starts from ``c``, or from the negative zero, to which
    any number adds as itself.

    A beat a cycle, `FpDotSpec.latency` cycles to a result. A result that nobody takes stops all
    stages; there is a combinational path from ``o.ready`` to ``i.ready``. ``rst`` drops everything
    in flight.

    Parameters
    ----------
    spec:
        The unit.

    Members
    -------
    i : In(stream.Signature(spec.input_struct))
        Beats.
    o : Out(stream.Signature(spec.output_struct))
        Sums.
    """

    def __init__(self, spec: FpDotSpec) -> None:
        self.spec, self.lane = spec, Lane(spec)
        super().__init__(spec.input_struct, spec.output_struct)

    @property
    def parts(self) -> Mapping[str, Lane]:
        """Components that are instantiated by module name, so that each is written once."""
        return {LANE: self.lane}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, beat = self.spec, self.i.payload
        go, fresh = Signal(), Signal(init=1)
        accept = Signal()
        m.d.comb += [
            go.eq(~self.o.valid | self.o.ready),
            self.i.ready.eq(go),
            accept.eq(self.i.valid & go),
        ]
        with m.If(accept):
            m.d.sync += fresh.eq(beat.last)
        lines = decode(m, self._point(m, accept, fresh), len(spec.points), "is_in")
        products, specials, negative = Operands(m, spec, self.lane, lines, beat).products()
        multiplied = Stage(m, "multiplied", go, accept)
        products = products.held(multiplied)
        facts = {"last": beat.last, "all_negative": negative}
        facts |= chunk_marks(m, spec, accept, fresh, beat)
        facts |= dict(zip(("nan", "above", "below"), specials.flags, strict=True))
        if spec.addend:
            facts["c"] = beat.c
        facts = multiplied.registers(facts)
        before = multiplied
        if spec.scaled_point is not None:
            before = Stage(m, "scaled", go, multiplied.valid)
            products = products.scaled(m, spec).held(before)
            facts = before.registers(facts)
        added = Stage(m, "added", go, before.valid)
        total = sum_of_products(m, spec, products, added)
        facts = added.registers(facts)
        if spec.accumulate == "round-then-add":
            assert isinstance(total, LateSum)
            total, added, facts = self._rounded(m, total, added, facts)
        done = Stage(m, "done", go, added.valid & facts["last"])
        if spec.acc == RAW:
            assert isinstance(total, LateSum)
            self._keep_raw(m, go & added.valid, total.total, facts, done)
        else:
            self._keep(m, added, total, facts, done)
        return m

    def _point(self, m: Module, accept: Value, fresh: Value) -> Value:
        """Return the index of the packet's point, that of its first beat."""
        if len(self.spec.points) == 1:
            return Const(0, 1)
        return packet_point(m, self.i.payload.point, accept, fresh)

    def _rounded(
        self, m: Module, total: LateSum, stage: Stage, facts: Mapping[str, Value]
    ) -> tuple[LateSum, Stage, dict[str, Value]]:
        """Return the sum of a beat rounded by itself, and all else a stage later."""
        spec, fmt = self.spec, self.spec.acc_format
        assert fmt is not None
        number = rounded(m, "beat_sum", total.total, total.lsb, fmt, spec.rounding)
        zero = facts["all_negative"] if spec.alignment == "exact" else Const(0, 1)
        code = packed(m, "beat_code", fmt, spec.nan_code, number, Specials.named(facts), zero)
        later = Stage(m, "beat", stage.go, stage.valid)
        one = unpack(m, "beat_number", later.register("sum", code), fmt)
        following: dict[str, Value] = {**later.registers(facts), **one.specials}
        following["all_negative"] = wired(m, "beat_is_negative", one.negative)
        return LateSum(*one.as_sum(m, "beat_number", fmt)), later, following

    def _keep(
        self, m: Module, stage: Stage, total: SumOf, facts: Mapping[str, Value], done: Stage
    ) -> None:
        """Accumulate in a format; what is in the register at the end is the result.

        With chunks that is the sum of one, and the outer sum follows a stage later.
        """
        spec, fmt = self.spec, self.spec.acc_format
        assert fmt is not None
        go = done.go
        nothing = Const(fmt.magnitudes, fmt.width)
        start = facts.get("c", nothing)
        acc = Signal(fmt.width, reset_less=True)
        beat = Beat(
            facts["opens"], nothing if spec.chunk else start, Specials.named(facts),
            facts["all_negative"],
        )  # fmt: skip
        following = next_acc(m, spec, acc, beat, total)
        with m.If(go & stage.valid):
            m.d.sync += acc.eq(following)
        if not spec.chunk:
            m.d.comb += [self.o.valid.eq(done.valid), self.o.payload.sum.eq(acc)]
            return
        first_chunk = done.register("first_chunk", facts["first_chunk"])
        started = Signal(fmt.width, name="start_held", reset_less=True)
        with m.If(go & stage.valid & facts["first"]):
            m.d.sync += started.eq(start)
        closed = Stage(m, "closed", go, stage.valid & facts["closes"])
        outer = Signal(fmt.width, reset_less=True)
        with m.If(go & closed.valid):
            m.d.sync += outer.eq(next_outer(m, spec, Mux(first_chunk, started, outer), acc))
        last = Stage(m, "outer", go, done.valid)
        m.d.comb += [self.o.valid.eq(last.valid), self.o.payload.sum.eq(outer)]

    def _keep_raw(
        self, m: Module, move: Value, total: Value, facts: Mapping[str, Value], done: Stage
    ) -> None:
        """Accumulate without error; the result is the sum, or is rounded a stage later."""
        spec = self.spec
        acc = Signal(signed(spec.raw_bits), reset_less=True)
        kept = Signal(signed(spec.raw_bits), name="kept")
        m.d.comb += kept.eq(acc & ~facts["opens"].replicate(len(acc)))
        heap = heap_of(m, spec, spec.raw_bits, "raw", leaves=False)
        heap.add_word(total)
        heap.add_word(kept)
        following = heap.sum()
        flags = []
        for name in ("nan", "above", "below"):
            flag = Signal(name=f"acc_{name}", reset_less=True)
            with m.If(move):
                m.d.sync += flag.eq(facts[name] | (flag & ~facts["opens"]))
            flags.append(flag)
        with m.If(move):
            m.d.sync += acc.eq(following)
        specials = Specials(*flags)
        if spec.result_format is None:
            m.d.comb += self.o.valid.eq(done.valid)
            self._give_raw(m, acc, specials)
            return
        # One bit more, so that even the least sum has a magnitude.
        wide = Signal(signed(len(acc) + 1), name="acc_wide")
        m.d.comb += wide.eq(acc)
        fmt = spec.result_format
        lsb = Exponent.constant(spec.grid_lsb)
        number = rounded(m, "result_sum", wide, lsb, fmt, spec.rounding)
        code = packed(m, "result", fmt, spec.nan_code, number, specials, Const(0, 1))
        last = Stage(m, "rounded", done.go, done.valid)
        m.d.comb += [self.o.valid.eq(last.valid), self.o.payload.sum.eq(last.register("sum", code))]

    def _give_raw(self, m: Module, acc: Value, specials: Specials) -> None:
        """Give the sum, zero if it is no number, and which it is."""
        number = Signal(name="is_number")
        wide = Signal(signed(len(self.o.payload.sum)), name="acc_wide")
        m.d.comb += [
            number.eq(~(specials.undefined | specials.infinite)),
            wide.eq(acc),
            self.o.payload.sum.eq(wide & number.replicate(len(wide))),
        ]
        if "special" in self.spec.output_struct.members:
            below = specials.infinite & ~specials.undefined
            m.d.comb += self.o.payload.special.eq(
                Cat(specials.undefined | (below & ~specials.above), below)
            )
