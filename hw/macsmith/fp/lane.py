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
from dataclasses import dataclass

from amaranth import Module, Signal, Value

from macsmith.arith.bit_heap import BitHeap
from macsmith.arith.onehot_mux import any_of
from macsmith.fp.points import DotPoint
from macsmith.fp.ranges import bits_for, product_exponents
from macsmith.fp.spec import FpDotSpec
from macsmith.fp.unpack import Unpacked, chosen, first_exponent, unpack
from macsmith.rtl.named_signal import wired


@dataclass(frozen=True)
class Product:
    """A product, ``(-1)^negative * word * 2^(exponent + base)``, the point two bits from the top.

    The base is that of `macsmith.fp.ranges.exponent_base`.

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
    """

    negative: Value
    word: Value
    exponent: Value
    nan: Value
    inf: Value


def heap_of(m: Module, spec: FpDotSpec, width: int, name: str, leaves: bool = True) -> BitHeap:
    """Return an empty heap that adds as the specification says."""
    return BitHeap(
        m, width, name, network=spec.adder, leaves=leaves, wide=spec.compressor == "4:2",
        operators=spec.arith == "operators",
    )  # fmt: skip


class Lane:
    """The products of one lane.

    Parameters
    ----------
    name:
        Prefix of all signals.
    lines:
        One line a point, one of them up.
    a, b:
        For each point the codes of its slots.
    """

    def __init__(
        self, m: Module, name: str, spec: FpDotSpec, lines: Sequence[Value],
        a: Sequence[Sequence[Value]], b: Sequence[Sequence[Value]],
    ) -> None:  # fmt: skip
        self.m, self.name, self.spec, self.lines = m, name, spec, lines
        self.a = self._unpacked("a", [point.a for point in spec.points], a)
        self.b = self._unpacked("b", [point.b for point in spec.points], b)

    def _unpacked(self, side: str, formats: Sequence, codes: Sequence) -> list[list[Unpacked]]:
        """Return the numbers of each point; those of equal formats and bits are one."""
        known: dict[tuple, list[Unpacked]] = {}
        for fmt, slots in zip(formats, codes, strict=True):
            if (fmt, len(slots)) not in known:
                name = f"{self.name}_{side}_{re.sub('[^a-z0-9]', '_', fmt.name)}"
                known[fmt, len(slots)] = [
                    unpack(self.m, f"{name}_{len(slots)}_{slot}", code, fmt)
                    for slot, code in enumerate(slots)
                ]
        return [known[fmt, len(slots)] for fmt, slots in zip(formats, codes, strict=True)]

    def products(self) -> list[Product]:
        """Return the products of all slots, that of the lowest numbers first."""
        product = self._array()
        most = max(map(self.spec.slots, self.spec.points))
        return [self._slot(slot, product) for slot in range(most)]

    def _array(self) -> Value:
        """Return all products side by side, the first at the top."""
        spec = self.spec
        a = self._side_by_side("a", spec.a_significand, [point.a for point in spec.points], self.a)
        b = self._side_by_side("b", spec.b_significand, [point.b for point in spec.points], self.b)
        if spec.arith == "operators" and max(map(spec.slots, spec.points)) == 1:
            return wired(self.m, f"{self.name}_product", a * b)
        heap = heap_of(self.m, spec, len(a) + len(b), f"{self.name}_product")
        gates: dict[frozenset[int], Value] = {}
        for row in range(len(b)):
            for column in range(len(a)):
                alive = frozenset(
                    index
                    for index, point in enumerate(spec.points)
                    if self._same(point, len(a) - 1 - column, len(b) - 1 - row)
                )
                if not alive:
                    continue
                if alive not in gates:
                    gates[alive] = any_of([self.lines[index] for index in sorted(alive)])
                bit = a[column] & b[row]
                if len(alive) < len(spec.points):
                    bit = (a[column] & gates[alive]) & b[row]
                heap.add(bit, row + column)
        return heap.sum()

    def _same(self, point: DotPoint, a_place: int, b_place: int) -> bool:
        """Return whether bits at places below the top are of the same slot."""
        slot = a_place // point.a.significand_bits
        return slot == b_place // point.b.significand_bits and slot < self.spec.slots(point)

    def _side_by_side(
        self, side: str, width: int, formats: Sequence, numbers: Sequence[Sequence[Unpacked]]
    ) -> Value:
        """Return the significands of all slots, the first at the top."""
        choices = []
        for fmt, slots in zip(formats, numbers, strict=True):
            bits = [bit for number in reversed(slots) for bit in number.significand]
            choices.append([*[0] * (width - len(slots) * fmt.significand_bits), *bits])
        return chosen(self.m, f"{self.name}_{side}_significands", self.lines, choices)

    def _slot(self, slot: int, product: Value) -> Product:
        """Return the product of a slot, of whatever point is asked for."""
        spec, name = self.spec, f"{self.name}_{slot}"
        used = [slot < spec.slots(point) for point in spec.points]
        sizes = [point.a.significand_bits + point.b.significand_bits for point in spec.points]
        width = max(size for size, here in zip(sizes, used, strict=True) if here)
        words, facts, exponents = [], [], []
        for index, (point, size, here) in enumerate(zip(spec.points, sizes, used, strict=True)):
            if not here:
                words.append([0] * width)
                facts.append([1, 0, 0, 0])
                exponents.append([])
                continue
            a, b = self.a[index][slot], self.b[index][slot]
            top = len(product) - slot * size
            # More slots than this one leave their products below.
            low = top - size if spec.slots(point) > 1 else max(0, top - width)
            words.append([*[0] * (width - (top - low)), *product[low:top]])
            some = wired(
                self.m, f"{name}_some{index}", a.significand.any() & b.significand.any()
            )
            facts.append([a.negative ^ b.negative, *_specials(a, b), some])
            exponents.append(list(self._exponent(f"{name}_exponent{index}", point, a, b)))
        word = chosen(self.m, f"{name}_word", self.lines, words)
        negative, nan, inf, some = chosen(self.m, f"{name}_facts", self.lines, facts)
        exponent = chosen(self.m, f"{name}_anyway", self.lines, exponents)
        masked = wired(self.m, f"{name}_exponent", exponent & some.replicate(len(exponent)))
        return Product(negative, word, masked, nan, inf)

    def _exponent(self, name: str, point: DotPoint, a: Unpacked, b: Unpacked) -> Value:
        """Return the exponent of a product, above the base of all points."""
        low, high = product_exponents(self.spec, point)
        offset = low - first_exponent(point.a) - first_exponent(point.b)
        total = Signal(bits_for(high), name=name)
        self.m.d.comb += total.eq(a.exponent + b.exponent + offset)
        return total


def _specials(a: Unpacked, b: Unpacked) -> list[Value]:
    """Return whether a product is NaN, and whether it has an infinity in it."""
    lost = (a.inf & ~b.significand.any()) | (b.inf & ~a.significand.any())
    return [a.nan | b.nan | lost, a.inf | b.inf]
