"""Whole layers of a network on a unit: what each kind of array does, and what is left to numpy."""

from collections.abc import Mapping
from typing import Any, Protocol

from macsmith.matmul.engine_array import EngineArray
from macsmith.matmul.network_runner import Multiply, check_results, in_hardware, in_numpy
from macsmith.matmul.stream_array import StreamArray
from macsmith.networks.digits import QuantisedNetwork


class LayersOnUnit(Protocol):
    """Layers on a unit under Verilator.

    Parameters
    ----------
    spec:
        The unit.
    mode:
        Index of the precision.
    stalls:
        Share of cycles in which streams pause.
    seed:
        Of the stalls.
    """

    array: Any
    """The specification of the array that multiplies."""

    def __init__(self, spec: Any, mode: int, stalls: float, seed: int) -> None: ...

    @staticmethod
    def check(spec: Any, network: QuantisedNetwork) -> None:
        """Raise a sentence about a network whose results the unit cannot give."""

    def build(self) -> None:
        """Compile the model, which the first product does otherwise."""

    @property
    def multiply(self) -> Multiply:
        """Runs one layer."""

    def keeping(self, counts: Mapping[str, int]) -> dict[str, tuple[Multiply, Any]]:
        """Return the layers that keep a number of activations of their own, and their arrays."""


class StreamLayers:
    """Sums come from the streams of an array; numpy requantises them."""

    def __init__(self, spec: Any, mode: int, stalls: float, seed: int) -> None:
        self.unit = StreamArray(spec, mode, stalls, seed)
        self.array = self.unit.array

    @staticmethod
    def check(spec: Any, network: QuantisedNetwork) -> None:
        """Raise nothing: sums are compared before they are requantised."""

    def build(self) -> None:
        """See `LayersOnUnit.build`."""
        self.unit.build()

    @property
    def multiply(self) -> Multiply:
        """See `LayersOnUnit.multiply`."""
        return in_numpy(self.unit)

    def keeping(self, counts: Mapping[str, int]) -> dict[str, tuple[Multiply, Any]]:
        """See `LayersOnUnit.keeping`."""
        others = {layer: self.unit.keeping(count) for layer, count in counts.items()}
        return {layer: (in_numpy(other), other.array) for layer, other in others.items()}


class EngineLayers:
    """The engine does whole layers, from operands to requantised results, over its AXI ports."""

    def __init__(self, spec: Any, mode: int, stalls: float, seed: int) -> None:
        self.unit = EngineArray(spec, mode, stalls, seed)
        self.array = self.unit.array

    @staticmethod
    def check(spec: Any, network: QuantisedNetwork) -> None:
        """See `LayersOnUnit.check`."""
        check_results(spec, network)

    def build(self) -> None:
        """See `LayersOnUnit.build`."""
        self.unit.build()

    @property
    def multiply(self) -> Multiply:
        """See `LayersOnUnit.multiply`."""
        return in_hardware(self.unit)

    def keeping(self, counts: Mapping[str, int]) -> dict[str, tuple[Multiply, Any]]:
        """Return nothing: an engine has no joint density bounds."""
        return {}
