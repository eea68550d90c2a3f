"""The arrays and what belongs to them: name, specification, components."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from amaranth.lib import wiring

from macsmith.array.engine.axi_shell import Engine, EngineLogic
from macsmith.array.engine.spec import EngineSpec
from macsmith.array.operand_stationary.array import ChainedSystolic
from macsmith.array.output_stationary.array import Systolic
from macsmith.array.pe.grid import Grid
from macsmith.array.pe.stationary_operand_pe import ChainedPe
from macsmith.array.pe.tensor_pe import Pe, TensorPe
from macsmith.array.pruning.dap import Dap
from macsmith.array.pruning.spec import DapSpec
from macsmith.array.spec import SystolicSpec
from macsmith.contract.unit import UnitSpec


def pe_of(spec: SystolicSpec) -> Pe:
    """Return the PE of the array's dataflow."""
    return TensorPe(spec) if spec.dataflow == "output" else ChainedPe(spec)


def grid_of(spec: SystolicSpec) -> Grid:
    """Return the grid of these PEs."""
    return Grid(pe_of(spec))


def unit_of(spec: SystolicSpec) -> wiring.Component:
    """Return the unit of the array's dataflow."""
    return Systolic(spec) if spec.dataflow == "output" else ChainedSystolic(spec)


@dataclass(frozen=True)
class Array:
    """An array, or a unit beside it: its name, specification class, and where it may be cut."""

    name: str
    spec: type[UnitSpec]
    boundaries: Mapping[str, Callable[[Any], wiring.Component]]
    measured: tuple[str, ...]
    """Where it is cut for measurement if nothing is said."""
    unmeasured: tuple[str, ...] = ()
    """Where it holds memories that are too large for flip-flops."""


_BOUNDARIES = {"pe": pe_of, "core": grid_of, "unit": unit_of}

ARRAYS: Mapping[str, Array] = {
    array.name: array
    for array in (
        Array("systolic", SystolicSpec, _BOUNDARIES, ("pe",)),
        Array(
            "systolic-engine",
            EngineSpec,
            {"unit": Engine, "logic": EngineLogic},
            ("logic",),
            ("unit",),
        ),
        Array("dap", DapSpec, {"unit": Dap}, ("unit",)),
    )
}
