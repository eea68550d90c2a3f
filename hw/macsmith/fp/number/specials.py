"""NaN and infinities of sums: what terms make of a result, whatever their numbers are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from amaranth import Module, Signal, Value

from macsmith.arith.onehot_mux import any_of


@dataclass(frozen=True)
class Specials:
    """Whether a sum has NaN in it, or an infinity of a sign.

    Members
    -------
    nan, above, below
        NaN; plus infinity; minus infinity. Both infinities are NaN.
    """

    nan: Value
    above: Value
    below: Value

    @classmethod
    def of(cls, m: Module, name: str, terms: Iterable[tuple[Value, Value, Value]]) -> "Specials":
        """Return those of terms, each NaN, infinite, and negative."""
        terms = list(terms)
        nan, above, below = (Signal(name=f"{name}_{what}") for what in ("nan", "above", "below"))
        m.d.comb += [
            nan.eq(any_of([one for one, _, _ in terms])),
            above.eq(any_of([inf & ~negative for _, inf, negative in terms])),
            below.eq(any_of([inf & negative for _, inf, negative in terms])),
        ]
        return cls(nan, above, below)

    @classmethod
    def named(cls, flags: Mapping[str, Value]) -> "Specials":
        """Return those of flags by name."""
        return cls(flags["nan"], flags["above"], flags["below"])

    def plus(self, m: Module, name: str, other: "Specials") -> "Specials":
        """Return those of both sums together."""
        found = [Signal(name=f"{name}_{what}") for what in ("nan", "above", "below")]
        for signal, mine, its in zip(found, self.flags, other.flags, strict=True):
            m.d.comb += signal.eq(mine | its)
        return Specials(*found)

    @property
    def flags(self) -> tuple[Value, Value, Value]:
        """The three, in order."""
        return self.nan, self.above, self.below

    @property
    def undefined(self) -> Value:
        """Whether the sum is NaN."""
        return self.nan | (self.above & self.below)

    @property
    def infinite(self) -> Value:
        """Whether it is an infinity, unless it is NaN."""
        return self.above | self.below
