"""A pipeline stage: registers that all move when nothing waits at the end."""

from collections.abc import Mapping

from amaranth import Module, Signal, Value


class HeldRegisters:
    """Registers without reset that take over together.

    Parameters
    ----------
    go:
        Whether they do.
    """

    def __init__(self, m: Module, name: str, go: Value) -> None:
        self.m, self.name, self.go = m, name, go

    def register(self, name: str, word: Value) -> Signal:
        """Return a word as this stage holds it."""
        register = Signal(word.shape(), name=f"{self.name}_{name}", reset_less=True)
        with self.m.If(self.go):
            self.m.d.sync += register.eq(word)
        return register

    def registers(self, words: Mapping[str, Value]) -> dict[str, Signal]:
        """Return words by name as this stage holds them."""
        return {name: self.register(name, word) for name, word in words.items()}


class PipelineStage(HeldRegisters):
    """Registers of one stage; only whether they are valid has a reset.

    Parameters
    ----------
    go:
        Whether the pipeline moves.
    valid:
        Whether what comes in is a beat.
    """

    def __init__(self, m: Module, name: str, go: Value, valid: Value) -> None:
        super().__init__(m, name, go)
        self.valid = Signal(name=f"{name}_valid")
        with m.If(go):
            m.d.sync += self.valid.eq(valid)
