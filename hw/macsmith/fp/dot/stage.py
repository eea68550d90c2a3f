"""A pipeline stage: registers that all move when nothing waits at the end."""

from collections.abc import Mapping
from dataclasses import replace

from amaranth import Const, Module, Signal, Value

from macsmith.fp.dot.lane import Product
from macsmith.fp.dot.scaled_blocks import Factor
from macsmith.fp.dot.window import Term
from macsmith.fp.number.exponent import Exponent


class Stage:
    """Registers of one stage; only whether they are valid has a reset.

    Parameters
    ----------
    go:
        Whether the pipeline moves.
    valid:
        Whether what comes in is a beat.
    """

    def __init__(self, m: Module, name: str, go: Value, valid: Value) -> None:
        self.m, self.name, self.go = m, name, go
        self.valid = Signal(name=f"{name}_valid")
        with m.If(go):
            m.d.sync += self.valid.eq(valid)

    def register(self, name: str, word: Value) -> Signal:
        """Return a word as this stage holds it."""
        register = Signal(word.shape(), name=f"{self.name}_{name}", reset_less=True)
        with self.m.If(self.go):
            self.m.d.sync += register.eq(word)
        return register

    def registers(self, words: Mapping[str, Value]) -> dict[str, Signal]:
        """Return words by name as this stage holds them."""
        return {name: self.register(name, word) for name, word in words.items()}

    def product(self, name: str, one: Product) -> Product:
        """Return a product as this stage holds it."""
        parts = {what: getattr(one, what) for what in ("negative", "word", "exponent")}
        held = {what: self.register(f"{name}_{what}", part) for what, part in parts.items()}
        return Product(**held, nan=one.nan, inf=one.inf, integer_bits=one.integer_bits)

    def factor(self, name: str, one: Factor) -> Factor:
        """Return a factor of a block as this stage holds it."""
        parts = {what: getattr(one, what) for what in ("significand", "exponent")}
        held = {what: self.register(f"{name}_{what}", part) for what, part in parts.items()}
        return Factor(**held, nan=one.nan)

    def term(self, index: int, one: Term) -> Term:
        """Return a term as this stage holds it."""
        parts = {what: getattr(one, what) for what in ("negative", "word", "lag")}
        held = {what: self.register(f"term{index}_{what}", part) for what, part in parts.items()}
        return Term(**held, integer_bits=one.integer_bits)

    def exponent(self, name: str, one: Exponent) -> Exponent:
        """Return an exponent as this stage holds it."""
        if isinstance(one.value, Const):
            return one
        return replace(one, value=self.register(name, one.value))
