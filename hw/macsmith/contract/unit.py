"""What tools ask of the specification of any unit."""

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import Any, ClassVar

from macsmith.contract.modes import Mode


class UnitSpec(ABC):
    """A unit that multiplies and accumulates, in one of some precisions at a time.

    A frozen dataclass that validates itself. The component, the golden model, the testbench, the
    measurements and the docs all take that one object.
    """

    summary: ClassVar[str]
    """One line for listings: what is peculiar to the unit."""

    modes: tuple[Mode, ...]

    @abstractmethod
    def products(self, mode: Mode) -> int:
        """Return the products of one input beat."""

    @abstractmethod
    def slots(self, mode: Mode) -> int:
        """Return the accumulators."""

    @abstractmethod
    def act_lanes(self, mode: Mode) -> int:
        """Return the activations of one input beat."""

    @abstractmethod
    def weight_lanes(self, mode: Mode) -> int:
        """Return the weights of one input beat."""

    @abstractmethod
    def acc_bits(self, mode: Mode) -> int:
        """Return the bits of one accumulator, headroom included."""

    def cycles(self, mode: Mode) -> int:
        """Return the clock cycles of one input beat."""
        return 1

    def macs_per_cycle(self, mode: Mode) -> float:
        """Return the products per clock in steady state."""
        return self.products(mode) / self.cycles(mode)

    def at(self, boundary: str) -> "UnitSpec":
        """Return the specification of what lies within a boundary, the unit itself or its part."""
        return self

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Return the names of the parameters, in order."""
        return tuple(field.name for field in fields(cls))  # type: ignore[arg-type]

    def parameters(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        values = {name: getattr(self, name) for name in self.parameter_names()}
        return values | {"modes": [str(mode) for mode in self.modes]}
