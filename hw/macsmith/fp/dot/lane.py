"""A lane of a dot-product unit: one multiplier of significands, which narrow formats share.

    a  ──▶ unpack ─▶ significands, top-aligned ─┐
                     exponents, signs           ├▶ one array of partial products ─▶ products
    b  ──▶ unpack ─▶ significands, top-aligned ─┘

Where formats are narrow, several numbers lie side by side in the array, the first at the top, and
partial products of different ones are gated, as in subword-parallel multipliers (Mei et al., AICAS
2019; DVAFS: Moons et al., DATE 2017): the products then lie side by side as well.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from amaranth import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.arith.chosen_heap import heap_of
from macsmith.arith.onehot_mux import Bit, any_of
from macsmith.contract.number_format import NumberFormat
from macsmith.fp.dot.points import DotPoint
from macsmith.fp.dot.ranges import greatest_exponent, product_exponents, slot_bits
from macsmith.fp.dot.spec import FpDotSpec
from macsmith.fp.number.exponent import bits_for
from macsmith.fp.number.unpack import Unpacked, chosen, first_exponent, unpack
from macsmith.rtl.named_signal import wired
from macsmith.rtl.shared_module import instance


@dataclass(frozen=True)
class Product:
    """A term, ``(-1)^negative * word * 2^(exponent + base)``, its point near the top of the word.

    The base is that of `macsmith.fp.dot.ranges.exponent_base`.

    Members
    -------
    negative
        Its sign; of a slot that the point does not use, 1.
    word
        The product of the significands.
    exponent
        Zero if the product is zero.
    nan, inf
        Whether it is no number.
    integer_bits
        Bits of the word above its point.
    """

    negative: Value
    word: Value
    exponent: Value
    nan: Value
    inf: Value
    integer_bits: int = 2

    def only(self, when: Value) -> "Product":
        """Return the product, or zero."""
        word = self.word & when.replicate(len(self.word))
        exponent = self.exponent & when.replicate(len(self.exponent))
        return replace(self, word=word, exponent=exponent)


class Lane(wiring.Component):
    """The products of one lane, without a register.

    Parameters
    ----------
    spec:
        The unit.

    Members
    -------
    line : In(len(spec.points))
        One line a point, one of them up.
    a, b : In
        The codes of the lane, those of a point packed from the lowest bit.
    word_0, exponent_0, facts_0, ... : Out
        The product of each slot; the facts are sign, NaN and infinity.
    """

    clocked = False

    line: Signal
    a: Signal
    b: Signal

    def __init__(self, spec: FpDotSpec) -> None:
        self.spec, self.slots = spec, max(map(spec.slots, spec.points))
        self.exponent_bits = bits_for(greatest_exponent(spec))
        ports = {"line": In(len(spec.points)), "a": In(spec.a_width), "b": In(spec.b_width)}
        for slot in range(self.slots):
            ports |= {
                f"word_{slot}": Out(slot_bits(spec, slot)),
                f"exponent_{slot}": Out(self.exponent_bits),
                f"facts_{slot}": Out(3),
            }
        super().__init__(ports | self.more_ports())

    def more_ports(self) -> dict[str, Any]:
        """Return ports of a lane that does more."""
        return {}

    def more_words(self, product: Value) -> list[tuple[Value, list[Bit]]]:
        """Return what slot 0 holds on other lines than those of points, each with its line."""
        return []

    def connected(self, m: Module, module: str, name: str, **inputs: Value) -> list[Product]:
        """Return the products of an instance of the lane."""
        outputs = {
            port: Signal(member.shape, name=f"{name}_{port}")
            for port, member in self.signature.members.items()
            if member.flow is Out
        }
        m.submodules[name] = instance(module, self, **inputs, **outputs)
        products = []
        for slot in range(self.slots):
            negative, nan, inf = outputs[f"facts_{slot}"]
            word, exponent = outputs[f"word_{slot}"], outputs[f"exponent_{slot}"]
            products.append(Product(negative, word, exponent, nan, inf))
        return products

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, lines = self.spec, list(self.line)
        a = self._unpacked(m, "a", self.a, [point.a for point in spec.points])
        b = self._unpacked(m, "b", self.b, [point.b for point in spec.points])
        product = self._product(
            m,
            side_by_side(m, "a", lines, spec.a_significand, [point.a for point in spec.points], a),
            side_by_side(m, "b", lines, spec.b_significand, [point.b for point in spec.points], b),
        )
        for slot in range(self.slots):
            pairs = [
                (one[slot], other[slot]) if slot < spec.slots(point) else None
                for point, one, other in zip(spec.points, a, b, strict=True)
            ]
            found = self._slot(m, slot, product, pairs)
            m.d.comb += [
                getattr(self, f"word_{slot}").eq(found.word),
                getattr(self, f"exponent_{slot}").eq(found.exponent),
                getattr(self, f"facts_{slot}").eq(Cat(found.negative, found.nan, found.inf)),
            ]
        return m

    def _unpacked(
        self, m: Module, side: str, word: Value, formats: Sequence[NumberFormat]
    ) -> list[list[Unpacked]]:
        """Return the numbers of each point; those of equal formats and bits are one."""
        known: dict[tuple[NumberFormat, int], list[Unpacked]] = {}
        keys = [(fmt, self.spec.slots(point))
                for fmt, point in zip(formats, self.spec.points, strict=True)]  # fmt: skip
        for fmt, slots in keys:
            if (fmt, slots) not in known:
                name = f"{side}_{re.sub('[^a-z0-9]', '_', fmt.name)}_of{slots}"
                known[fmt, slots] = [
                    unpack(m, f"{name}_{slot}", word.word_select(slot, fmt.width), fmt)
                    for slot in range(slots)
                ]
        return [known[key] for key in keys]

    def _product(self, m: Module, a: Value, b: Value) -> Value:
        """Return the products of all slots side by side, the first at the top."""
        spec = self.spec
        if spec.arith == "operators" and self.slots == 1:
            return wired(m, "product", a * b)
        heap = heap_of(m, spec, len(a) + len(b), "product")
        gates: dict[frozenset[int], Value] = {}
        for row in range(len(b)):
            for column in range(len(a)):
                apart, together = set(), False
                for index, point in enumerate(spec.points):
                    slots = self._slots_at(point, len(a) - 1 - column, len(b) - 1 - row)
                    if max(slots) < spec.slots(point):
                        together |= slots[0] == slots[1]
                        apart |= {index} if slots[0] != slots[1] else set()
                if not together:
                    continue
                bit = a[column]
                if apart:
                    key = frozenset(apart)
                    if key not in gates:
                        gates[key] = wired(
                            m, f"gate{len(gates)}", ~any_of([self.line[one] for one in sorted(key)])
                        )
                    bit = bit & gates[key]
                heap.add(bit & b[row], row + column)
        return heap.sum()

    @staticmethod
    def _slots_at(point: DotPoint, a_place: int, b_place: int) -> tuple[int, int]:
        """Return the slots whose bits lie so far below the top, if there are so many."""
        return a_place // point.a.significand_bits, b_place // point.b.significand_bits

    def _slot(
        self, m: Module, slot: int, product: Value,
        pairs: Sequence[tuple[Unpacked, Unpacked] | None],
    ) -> Product:  # fmt: skip
        """Return the product of a slot, of the numbers of whatever point is asked for."""
        spec, name, lines = self.spec, f"slot{slot}", list(self.line)
        width = slot_bits(spec, slot)
        words: list[list[Bit]] = []
        facts: list[list[Bit]] = []
        exponents: list[list[Bit]] = []
        for index, (point, pair) in enumerate(zip(spec.points, pairs, strict=True)):
            if pair is None:
                words.append([0] * width)
                facts.append([1, 0, 0, 0])
                exponents.append([0])
                continue
            a, b = pair
            size = point.a.significand_bits + point.b.significand_bits
            top = len(product) - slot * size
            words.append([*[0] * (width - size), *product[top - size : top]])
            both = wired(m, f"{name}_some{index}", a.significand.any() & b.significand.any())
            facts.append([a.negative ^ b.negative, *_specials(a, b), both])
            exponents.append(list(self._exponent(m, f"{name}_exponent{index}", point, a, b)))
        others = [(line, word) for line, word in self.more_words(product) if slot == 0]
        word = chosen(
            m, f"{name}_word", [*lines, *(line for line, _ in others)],
            [*words, *(word for _, word in others)],
        )  # fmt: skip
        negative, nan, inf, some = chosen(m, f"{name}_facts", lines, facts)
        anyway = chosen(m, f"{name}_anyway", lines, exponents)
        exponent = Signal(self.exponent_bits, name=f"{name}_exponent")
        m.d.comb += exponent.eq(anyway & some.replicate(len(anyway)))
        return Product(negative, word, exponent, nan, inf)

    def _exponent(self, m: Module, name: str, point: DotPoint, a: Unpacked, b: Unpacked) -> Signal:
        """Return the exponent of a product, above the base of all points."""
        low, high = product_exponents(self.spec, point)
        offset = low - first_exponent(point.a) - first_exponent(point.b)
        total = Signal(bits_for(high), name=name)
        m.d.comb += total.eq(a.exponent + b.exponent + offset)
        return total


def side_by_side(
    m: Module, side: str, lines: Sequence[Value], width: int, formats: Sequence[NumberFormat],
    numbers: Sequence[Sequence[Unpacked]],
) -> Value:  # fmt: skip
    """Return the significands of all slots of the chosen point, the first at the top."""
    choices: list[list[Bit]] = []
    for fmt, slots in zip(formats, numbers, strict=True):
        bits = [bit for number in reversed(slots) for bit in number.significand]
        choices.append([*[0] * (width - len(slots) * fmt.significand_bits), *bits])
    return chosen(m, f"{side}_significands", lines, choices)


def _specials(a: Unpacked, b: Unpacked) -> list[Value]:
    """Return whether a product is NaN, and whether it has an infinity in it."""
    lost = (a.inf & ~b.significand.any()) | (b.inf & ~a.significand.any())
    return [a.nan | b.nan | lost, a.inf | b.inf]
