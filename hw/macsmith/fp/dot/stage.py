"""A pipeline stage that holds products, terms and exponents."""

from dataclasses import replace

from amaranth import Const, Module, Signal, Value

from macsmith.fp.dot.lane import Product
from macsmith.fp.dot.scaled_blocks import Factor
from macsmith.fp.dot.window import Term
from macsmith.fp.number.exponent import Exponent
from macsmith.rtl.named_signal import wired
from macsmith.rtl.pipeline_stage import HeldRegisters, PipelineStage


class Held(HeldRegisters):
    """Registers of products, terms and exponents, which take over together."""

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


class Stage(Held, PipelineStage):
    """Registers of one stage of a dot product."""


class Through(Held):
    """A stage without registers: all goes through at once."""

    def __init__(self, m: Module, name: str, go: Value, valid: Value) -> None:
        super().__init__(m, name, go)
        self.valid = valid

    def register(self, name: str, word: Value) -> Signal:
        """Return a word as it is."""
        return wired(self.m, f"{self.name}_{name}", word)


AnyStage = Stage | Through
"""A stage with registers, or without."""
