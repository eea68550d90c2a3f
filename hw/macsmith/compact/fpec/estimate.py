"""Estimates of quantisation errors: what their codes mean, and numbers times them."""

from dataclasses import dataclass

from amaranth import Cat, Const, Module, Signal, Value

from macsmith.arith.bit_heap import BitHeap
from macsmith.arith.conditional_negate import negated_rows
from macsmith.rtl.named_signal import number, wired


@dataclass(frozen=True)
class Estimate:
    """An error, ``(-1)^negative * size`` in units of an error; both are zero where there is none.

    Members
    -------
    size
        The magnitude's bits, lowest first.
    """

    negative: Value
    size: tuple[Value, ...]

    @classmethod
    def of(cls, m: Module, name: str, zero: Value, minus: Value, magnitude: Value) -> "Estimate":
        """Return what the fields EZ, ED and EM mean.

        EM stores the size less one, as an error of size 0 has EZ.
        """
        some = Signal(name=f"{name}_some")
        negative = Signal(name=f"{name}_negative")
        m.d.comb += [some.eq(~zero), negative.eq(minus & some)]
        bits: list[Value]
        match list(magnitude):
            case []:
                bits = [Const(1, 1)]
            case [low]:
                bits = [~low, low]
            case [low, high]:
                bits = [~low, low ^ high, low & high]
            case _:
                raise ValueError("a magnitude has at most two bits")
        size = tuple(wired(m, f"{name}_size{at}", bit & some) for at, bit in enumerate(bits))
        return cls(negative, size)

    def add_times(
        self, m: Module, name: str, heap: BitHeap, word: Value, is_signed: bool, weight: int
    ) -> None:
        """Add a number times the error to a heap: a row for each bit of its size."""
        for place, bit in enumerate(self.size):
            kept = number(
                m, f"{name}_row{place}", word.as_unsigned() & bit.replicate(len(word)), is_signed
            )
            rows = negated_rows(m, f"{name}_signed{place}", kept, self.negative)
            heap.add_rows(rows, weight + place)

    def add_product(self, m: Module, name: str, heap: BitHeap, other: "Estimate") -> None:
        """Add the product of two errors to a heap."""
        negative = wired(m, f"{name}_negative", self.negative ^ other.negative)
        for place, bit in enumerate(other.size):
            kept = wired(m, f"{name}_row{place}", Cat(self.size) & bit.replicate(len(self.size)))
            # Without a size there is nothing to negate.
            minus = wired(m, f"{name}_minus{place}", negative & kept.any())
            heap.add_rows(negated_rows(m, f"{name}_signed{place}", kept, minus), place)
