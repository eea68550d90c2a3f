"""A magnitude as an argument of a table over ranges: which range, and where in it."""

from amaranth import Cat, Const, Module, Mux, Signal, Value

from macsmith.arith.barrel_shift import shifted_right
from macsmith.fp.number.exponent import Exponent
from macsmith.fp.number.unpack import Unpacked
from macsmith.functions.activations.spec import ActivationSpec
from macsmith.functions.exponentials import exponent_of
from macsmith.functions.fit.range_targets import OverRanges


def top_of(m: Module, name: str, spec: ActivationSpec, one: Unpacked) -> Exponent:
    """Return the exponent of the top place of a significand."""
    field, offset = exponent_of(spec, one)
    return field.plus(m, f"{name}_top", offset)


def range_argument(
    m: Module, name: str, spec: ActivationSpec, significand: Value, top: Exponent
) -> tuple[Value, Value]:
    """Return the argument, the last one for what lies beyond all ranges, and whether it does.

    Parameters
    ----------
    significand, top:
        The magnitude, and the exponent of its top place, which is a one from the second range on.
    """
    target = spec.target
    assert isinstance(target, OverRanges)
    below = target.bits - len(significand)
    word = Cat(Const(0, below), significand)
    places = Signal(range(len(word) + 1), name=f"{name}_range_places")
    far = Signal(range(spec.first - 1 - top.high, spec.first - top.low), name=f"{name}_far")
    outside, beyond = Signal(name=f"{name}_outside"), Signal(name=f"{name}_beyond")
    number = Signal(range(max(2, top.high - spec.first + 2)), name=f"{name}_range")
    m.d.comb += [
        far.eq(spec.first - 1 - top.value),
        outside.eq(far < 0),
        places.eq(Mux(far > len(word), len(word), far)),
        number.eq(top.value - (spec.first - 1)),
        beyond.eq(outside & (number >> spec.range_bits).any()),
    ]
    inner, _ = shifted_right(m, f"{name}_inner", word, places)
    within = Signal(target.bits, name=f"{name}_range_within")
    place = Signal(spec.range_bits, name=f"{name}_range_number")
    m.d.comb += [
        within.eq(
            Mux(outside, Cat(Const(0, below + 1), significand[:-1]), inner)
            | beyond.replicate(target.bits)
        ),
        place.eq(Mux(beyond, (1 << spec.range_bits) - 1, Mux(outside, number, 0))),
    ]
    return Cat(within, place), beyond
