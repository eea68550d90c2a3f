"""The core of powers of two, or of its square root."""

from collections.abc import Mapping
from math import isqrt

from amaranth import Module, Signal, Value, signed

from macsmith.arith.barrel_shift import shifted_left
from macsmith.arith.conditional_negate import negated_rows
from macsmith.compact.log_shift.spec import LogShiftSpec
from macsmith.compact.stream_dot.core import StreamDotCore
from macsmith.compact.stream_dot.unit import StreamDot
from macsmith.rtl.named_signal import number, wired


class LogShiftCore(StreamDotCore[LogShiftSpec]):
    """Shifted activations, or ones at a place, in a heap for each accumulator.

    Words are shifted by c itself, one place too far for each logarithm; what comes out lowest is
    zero and is left out. With halves the place is ``c >> 1``, and c's lowest bit tells the kind.
    """

    def gains(self, m: Module) -> Mapping[str, Value]:
        spec = self.spec
        heaps = {
            name: self.heap(m, total.gain.width, f"{name}_lanes", leaves=False)
            for name, total in spec.totals.items()
        }
        lanes = zip(self.operand("a"), self.operand("w"), strict=True)
        for lane, (act, weight) in enumerate(lanes):
            name = f"lane{lane}"
            both = spec.logs == "both"
            terms = self._of_both(m, name, act, weight) if both else self._of(m, name, act, weight)
            for kind, (word, negative) in terms.items():
                heaps[kind].add_rows(negated_rows(m, f"{name}_{kind}_signed", word, negative))
        return {name: heap.sum() for name, heap in heaps.items()}

    def _of(
        self, m: Module, name: str, act: Value, weight: Value
    ) -> dict[str, tuple[Signal, Value]]:
        """Return the shifted activation, and whether it is negated, by the total that it is for."""
        spec = self.spec
        bits = spec.weight_exponent_bits
        power, some = weight[:bits], wired(m, f"{name}_some", weight[:bits].any())
        minus = wired(m, f"{name}_minus", weight[bits] & some)
        reach = spec.act_bits + ((1 << bits) - 1 >> spec.halves)
        wide = Signal(signed(reach) if spec.act_signed else reach, name=f"{name}_wide")
        m.d.comb += wide.eq(act.as_signed() if spec.act_signed else act)
        kept = wired(m, f"{name}_kept", wide.as_unsigned() & some.replicate(reach))
        moved = shifted_left(m, f"{name}_moved", kept, power[spec.halves :], reach)
        if not spec.halves:
            return {"sum": (number(m, f"{name}_word", moved[1:], spec.act_signed), minus)}
        # An odd c is an even power, as c - 1 is the power.
        found: dict[str, tuple[Signal, Value]] = {}
        for kind, line, word in (("even", power[0], moved), ("odd", ~power[0], moved[1:])):
            gated = number(m, f"{name}_{kind}", word & line.replicate(len(word)), spec.act_signed)
            found[kind] = gated, wired(m, f"{name}_{kind}_minus", minus & line)
        return found

    def _of_both(
        self, m: Module, name: str, act: Value, weight: Value
    ) -> dict[str, tuple[Signal, Value]]:
        """Return the same of two powers: a one at the place of their sum."""
        spec = self.spec
        one, other = act[: spec.act_exponent_bits], weight[: spec.weight_exponent_bits]
        some = wired(m, f"{name}_some", one.any() & other.any())
        minus = weight[spec.weight_exponent_bits]
        if spec.act_signed:
            minus = minus ^ act[spec.act_exponent_bits]
        minus = wired(m, f"{name}_minus", minus & some)
        power = wired(m, f"{name}_power", one + other)
        least = 1 if spec.halves else 2
        reach = spec.places + 1 + least
        moved = shifted_left(m, f"{name}_moved", some, power[spec.halves :], reach)[least:]
        if not spec.halves:
            return {"sum": (wired(m, f"{name}_word", moved), minus)}
        found: dict[str, tuple[Signal, Value]] = {}
        for kind, line in (("even", ~power[0]), ("odd", power[0])):
            word = wired(m, f"{name}_{kind}", moved & line.replicate(len(moved)))
            found[kind] = word, wired(m, f"{name}_{kind}_minus", minus & line)
        return found


class LogShift(StreamDot):
    """Dot products of powers of two, or of its square root; see `LogShiftSpec`."""

    def __init__(self, spec: LogShiftSpec) -> None:
        super().__init__(LogShiftCore(spec))

    def results(
        self, m: Module, totals: Mapping[str, Value], closing: Mapping[str, Value]
    ) -> Mapping[str, Value]:
        """Return the totals, or ``even 2^r + odd round(sqrt(2) 2^r)``."""
        spec = self.spec
        if not spec.closing_stages:
            return totals
        heap = self.core.heap(m, spec.results["sum"].bits, "closing", leaves=False)
        even, odd = (number(m, f"closing_{name}", one.as_unsigned(), True)
                     for name, one in totals.items())  # fmt: skip
        inverted = number(m, "closing_inverted", ~odd.as_unsigned(), True)
        heap.add_word(even, spec.root_bits)
        for place, digit in enumerate(signed_digits(root_of_two(spec.root_bits))):
            if digit > 0:
                heap.add_word(odd, place)
            elif digit < 0:
                heap.add_word(inverted, place)
                heap.add_constant(1 << place)
        return {"sum": wired(m, "closing_total", heap.sum())}


def root_of_two(fraction_bits: int) -> int:
    """Return the nearest whole number to ``sqrt(2) 2^fraction_bits``."""
    return isqrt(1 << 2 * fraction_bits + 3) + 1 >> 1


def signed_digits(value: int) -> list[int]:
    """Return the digits -1, 0, 1 of a number, lowest first, of which no two neighbours count."""
    digits = []
    while value:
        digit = 2 - value % 4 if value % 2 else 0
        digits.append(digit)
        value = (value - digit) // 2
    return digits
