"""The arrays: name, specification, components."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from amaranth.lib import wiring

from macsmith.array.grid import Grid
from macsmith.array.pe import TensorPe
from macsmith.array.spec import SystolicSpec
from macsmith.array.systolic import Systolic


@dataclass(frozen=True)
class Array:
    """An array: what users call it, its specification class, and where it may be cut."""

    name: str
    spec: type[SystolicSpec]
    boundaries: Mapping[str, Callable[[SystolicSpec], wiring.Component]]
    measured: tuple[str, ...]
    """Where it is cut if nothing is said: a grid is as large as its PEs together."""


ARRAYS: Mapping[str, Array] = {
    array.name: array
    for array in (
        Array("systolic", SystolicSpec, {"pe": TensorPe, "core": Grid, "unit": Systolic}, ("pe",)),
    )
}
