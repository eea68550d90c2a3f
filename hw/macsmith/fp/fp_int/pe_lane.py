"""What lanes of both elements have in common: ports, and how their floating point goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from amaranth import Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.fp.dot.accumulator import Beat, SumOf, next_acc
from macsmith.fp.dot.beat_sum import Products
from macsmith.fp.dot.lane import Product
from macsmith.fp.dot.stage import Held
from macsmith.fp.dot.window import window_sum
from macsmith.fp.fp_int.spec import ACC_BITS, FpIntSpec
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.specials import Specials
from macsmith.rtl.named_signal import wired


@dataclass(frozen=True)
class Multiplied:
    """Products of floating point as the first stage holds them, and what is no number in them."""

    products: Sequence[Product]
    specials: Specials


@dataclass(frozen=True)
class Added:
    """Their sum as the second stage holds it."""

    total: Value
    lsb: Exponent
    specials: Specials


class PeLane(wiring.Component):
    """A lane: operands of one beat in, an accumulator out, three stages.

        a, b ─▶ [products] ─▶ [sum] ─▶ [accumulator]

    Parameters
    ----------
    spec:
        The unit.

    Members
    -------
    fp_a, fp_b : In(16)
        Floating-point codes; anything at other points.
    int_a, int_b : In(spec.int_bits)
        Integers; anything at other points.
    line : In(4)
        One line a point, one of them up, of the beat that comes in.
    take : In(3)
        Whether each stage takes over a beat.
    whole : In(3)
        Whether what the stages hold are integers.
    fresh, opens : In(1)
        Whether what the first stage, and the third, would take begins a packet.
    sum : Out(16)
        The accumulator.
    """

    fp_a: Signal
    fp_b: Signal
    int_a: Signal
    int_b: Signal
    line: Signal
    take: Signal
    whole: Signal
    fresh: Signal
    opens: Signal
    sum: Signal

    def __init__(self, spec: FpIntSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "fp_a": In(spec.dot.a_width),
                "fp_b": In(spec.dot.b_width),
                "int_a": In(spec.int_bits),
                "int_b": In(spec.int_bits),
                "line": In(4),
                "take": In(3),
                "whole": In(3),
                "fresh": In(1),
                "opens": In(1),
                "sum": Out(ACC_BITS),
            }
        )

    @property
    def parts(self) -> Mapping[str, Any]:
        """Components that are instantiated by module name."""
        raise NotImplementedError

    # Operands that stand still at points that are not theirs.

    def isolated(self, m: Module, name: str, when: Value) -> Signal:
        """Return an operand, zero at other points."""
        port = getattr(self, name)
        return wired(m, f"{name}_isolated", port & when.replicate(len(port)))

    def is_fp(self, m: Module) -> Signal:
        """Return whether the beat that comes in is floating point."""
        return wired(m, "is_fp", self.line[0] | self.line[1])

    def is_whole(self, m: Module) -> Signal:
        """Return whether it is integers."""
        return wired(m, "is_whole", self.line[2] | self.line[3])

    # Floating point, stage by stage.

    def held_products(
        self, m: Module, products: Sequence[Product], stage: Held, shared: Held
    ) -> Multiplied:
        """Return products as the first stage holds them; ``shared`` holds the word of slot 0."""
        specials = Specials.of(m, "beat", [(one.nan, one.inf, one.negative) for one in products])
        flags = zip(("nan", "above", "below"), specials.flags, strict=True)
        held = []
        for slot, one in enumerate(products):
            keeper = stage if slot else shared
            held.append(
                replace(
                    one,
                    word=keeper.register(f"word{slot}", one.word),
                    negative=stage.register(f"negative{slot}", one.negative),
                    exponent=stage.register(f"exponent{slot}", one.exponent),
                )
            )
        return Multiplied(held, Specials.named(stage.registers(dict(flags))))

    def held_sum(self, m: Module, from_: Multiplied, stage: Held, shared: Held) -> Added:
        """Return their sum as the second stage holds it; ``shared`` holds the sum itself."""
        products = Products([from_.products], [], [], Const(1, 1))
        terms, top = products.aligned(m, self.spec.dot)
        total, lsb = window_sum(m, "window", self.spec.dot, terms, top)
        flags = zip(("nan", "above", "below"), from_.specials.flags, strict=True)
        return Added(
            shared.register("total", total),
            stage.exponent("lsb", lsb),
            Specials.named(stage.registers(dict(flags))),
        )

    def accumulated(
        self, m: Module, acc: Value, first: Value, added: Added, sum_of: SumOf
    ) -> Signal:
        """Return the accumulator's next code."""
        fmt = self.spec.dot.acc_format
        assert fmt is not None
        nothing = Const(fmt.magnitudes, fmt.width)
        beat = Beat(first, nothing, added.specials, Const(0, 1))
        return next_acc(m, self.spec.dot, acc, beat, sum_of)

    # Integers.

    def from_nothing(self, m: Module, acc: Value, when: Value) -> Signal:
        """Return an accumulator of integers, zero where a packet begins."""
        return wired(m, "int_before", Mux(self.opens, 0, acc) & when.replicate(ACC_BITS))
