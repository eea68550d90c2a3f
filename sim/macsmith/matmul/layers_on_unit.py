"""Whole layers of a network on a unit: what each kind of array does, and what is left to numpy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from macsmith.matmul.engine_array import EngineArray
from macsmith.matmul.network_runner import Multiply, check_results, in_hardware, in_numpy
from macsmith.matmul.stream_array import StreamArray
from macsmith.networks.digits import QuantisedNetwork


def _any_results(spec: Any, network: QuantisedNetwork) -> None:
    """Raise nothing: sums are compared before they are requantised."""


@dataclass(frozen=True)
class LayersOnUnit:
    """Layers on a unit under Verilator.

    Members
    -------
    unit:
        The compiled unit, which multiplies matrices.
    whole:
        Makes layers of its products: all that follows a sum is the unit's work, or numpy's.
    check_results:
        Raises a sentence about a network whose results a specification cannot give.
    """

    unit: Any
    whole: Callable[[Any], Multiply]
    check_results: Callable[[Any, QuantisedNetwork], None] = _any_results

    @property
    def array(self) -> Any:
        """The specification of the array that multiplies."""
        return self.unit.array

    def check(self, network: QuantisedNetwork) -> None:
        """Raise a sentence about a network whose results the unit cannot give."""
        self.check_results(self.unit.spec, network)

    def build(self) -> None:
        """Compile the model, which the first product does otherwise."""
        self.unit.build()

    @property
    def multiply(self) -> Multiply:
        """Runs one layer."""
        return self.whole(self.unit)

    def keeping(self, counts: Mapping[str, int]) -> dict[str, tuple[Multiply, Any]]:
        """Return the layers that keep a number of activations of their own, and their arrays."""
        others = {layer: self.unit.keeping(count) for layer, count in counts.items()}
        return {layer: (self.whole(other), other.array) for layer, other in others.items()}


def stream_layers(spec: Any, mode: int, stalls: float, seed: int) -> LayersOnUnit:
    """Return layers whose sums come from the streams of an array; numpy requantises them.

    Parameters
    ----------
    mode:
        Index of the precision.
    stalls:
        Share of cycles in which streams pause.
    seed:
        Of the stalls.
    """
    return LayersOnUnit(StreamArray(spec, mode, stalls, seed), in_numpy)


def engine_layers(spec: Any, mode: int, stalls: float, seed: int) -> LayersOnUnit:
    """Return layers that an engine does whole, up to requantised results, over its AXI ports.

    Parameters are those of `stream_layers`.
    """
    return LayersOnUnit(EngineArray(spec, mode, stalls, seed), in_hardware, check_results)
