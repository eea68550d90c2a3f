"""The batch-normalisation unit: a reciprocal square root, and two products and two sums a lane."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.contract.unit import ALWAYS
from macsmith.fp.dot.stage import Stage
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.rounding import rounded
from macsmith.fp.number.unpack import unpack
from macsmith.functions.made_of.batch_norm_spec import CHANNEL, BatchNormSpec
from macsmith.functions.made_of.float_terms import Term, aligned_sum, cut, normalised, product
from macsmith.functions.polynomial import evaluated
from macsmith.functions.unit import carried, stages_of
from macsmith.rtl.named_signal import wired
from macsmith.rtl.stream_component import StreamComponent


class BatchNorm(StreamComponent):
    """A stream of beats of a channel in, a stream of their normalised values out.

        variance ─▶ + 2^epsilon ─▶ [m, e] ─▶ 1 / sqrt ─▶ [ ] ─▶ x gamma ─▶ [scale]
                                                                              │
        x ─▶ - mean ─▶ [d] ─────────────────────────────────────────────────▶ x ─▶ + beta ─▶ [y]

    A beat a cycle, `BatchNormSpec.latency` cycles late. A result that nobody takes stops all
    stages; there is a combinational path from ``o.ready`` to ``i.ready``. ``rst`` drops what is in
    flight.

    Parameters
    ----------
    spec:
        The unit.

    Members
    -------
    i : In(stream.Signature(spec.input_struct))
        Values, and the numbers of their channel.
    o : Out(stream.Signature(spec.output_struct))
        Results.
    """

    def __init__(self, spec: BatchNormSpec) -> None:
        self.spec = spec
        super().__init__(spec.input_struct, spec.output_struct)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, fmt = self.spec, self.spec.fmt
        stages = stages_of(m, self.i, self.o, spec.latency(ALWAYS[0]))
        added, normal, *table = stages[: 3 + spec.degree]
        scaled, scale_normal, multiplied, summed, last = stages[3 + spec.degree :]
        payload = self.i.payload
        given = {name: unpack(m, name, payload[name], fmt) for name in CHANNEL}
        numbers = {name: Term.of(m, name, one, fmt) for name, one in given.items()}
        variance = given["variance"]
        nowhere = wired(
            m, "nowhere",
            reduce(or_, [one.nan | one.inf for one in given.values()])
            | (variance.negative & variance.significand.any()),
        )  # fmt: skip
        root = self._root(m, numbers["variance"], added, normal, table)
        before = [added, normal, *table]
        gamma = numbers["gamma"].held("gamma", before)
        scale = self._scale(m, root, gamma, scaled, scale_normal)
        beta = numbers["beta"].held("beta", [*before, scaled, scale_normal, multiplied])
        minus = Term(~numbers["mean"].negative, numbers["mean"].significand,
                     numbers["mean"].exponent)  # fmt: skip
        found = []
        for lane in range(spec.lanes):
            name = f"lane{lane}"
            one = unpack(m, f"{name}_x", payload.x.word_select(lane, fmt.width), fmt)
            total, lsb = aligned_sum(
                m, f"{name}_apart", spec, Term.of(m, f"{name}_x", one, fmt), minus, spec.guard
            )
            apart = normalised(
                m, f"{name}_d", added.register(f"{name}_apart", total),
                added.exponent(f"{name}_lsb", lsb), spec.bits,
            ).held(f"{name}_d", [normal, *table, scaled, scale_normal])  # fmt: skip
            share = cut(m, f"{name}_t", product(m, f"{name}_t", spec, apart, scale), spec.bits + 3)
            total, lsb = aligned_sum(
                m, f"{name}_y", spec, share.held(f"{name}_t", [multiplied]), beta, spec.guard
            )
            flag: dict[str, Value] = {
                "undefined": wired(m, f"{name}_undefined", nowhere | one.nan | one.inf)
            }
            flag = carried(name, flag, stages[:-1])
            number = rounded(
                m, f"{name}_rounded", summed.register(f"{name}_total", total),
                summed.exponent(f"{name}_total_lsb", lsb), fmt, "nearest-even",
            )  # fmt: skip
            code = Cat(number.code, number.negative & ~number.zero)
            nan = Const(fmt.nan or 0, fmt.width)
            found.append((Mux(flag["undefined"], nan, code), flag["undefined"]))
        self._give(m, found, last)
        return m

    def _root(
        self, m: Module, variance: Term, added: Stage, normal: Stage, table: Sequence[Stage]
    ) -> Term:
        """Return ``1 / sqrt(variance + 2^epsilon)``; what is below zero counts as its magnitude."""
        spec = self.spec
        none = Const(0, 1)
        epsilon = Term(none, Const(1, 1), Exponent.constant(spec.epsilon))
        size = Term(none, variance.significand, variance.exponent)
        total, lsb = aligned_sum(m, "shifted", spec, size, epsilon, spec.guard)
        one = normalised(
            m, "v", added.register("shifted", total), added.exponent("shifted_lsb", lsb), spec.bits
        )
        word = Cat(one.significand[:-1], one.exponent.value[:1])
        value = evaluated(m, "root", spec, spec.roots, normal.register("v_argument", word), table)
        low, high = -1 - (one.exponent.high >> 1), -1 - (one.exponent.low >> 1)
        exponent = Signal(range(low, high + 1), name="root_exponent")
        m.d.comb += exponent.eq(-1 - (one.exponent.value >> 1))
        held = carried("root", {"exponent": exponent}, [normal, *table])["exponent"]
        # A root of one is twice a half: its highest place is one above that of the others.
        significand = Signal(spec.bits + 2, name="root_significand")
        m.d.comb += significand.eq(value[spec.roots.steps.guard :])
        return Term(none, significand, Exponent(held, low, high).plus(m, "root_top", 1))

    def _scale(
        self, m: Module, root: Term, gamma: Term, scaled: Stage, scale_normal: Stage
    ) -> Term:
        """Return gamma over the root, its leading one at the top."""
        spec = self.spec
        whole = product(m, "scale", spec, gamma, root).held("scale", [scaled])
        width = len(whole.significand)
        total = Cat(whole.significand, Const(0, 1))
        lsb = whole.exponent.plus(m, "scale_lsb", 1 - width)
        one = normalised(m, "scale_n", total, lsb, spec.bits)
        return Term(whole.negative, one.significand, one.exponent).held("scale", [scale_normal])

    def _give(self, m: Module, found: Sequence[tuple[Value, Value]], last: Stage) -> None:
        """Give the results of all lanes."""
        y = [last.register(f"y{lane}", code) for lane, (code, _) in enumerate(found)]
        flags = [last.register(f"undefined{lane}", one) for lane, (_, one) in enumerate(found)]
        m.d.comb += [
            self.o.valid.eq(last.valid),
            self.o.payload.y.eq(Cat(y)),
            self.o.payload.undefined.eq(Cat(flags)),
        ]
