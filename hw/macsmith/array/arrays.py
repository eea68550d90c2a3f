"""The arrays and what belongs to them, as entries of the catalogue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from amaranth.lib import wiring

from macsmith.array.converted_sums import ConvertedSums
from macsmith.array.engine.axi_shell import Engine, EngineLogic
from macsmith.array.engine.header_notes import engine_notes
from macsmith.array.engine.spec import EngineSpec
from macsmith.array.engine.stream_ports import EnginePorts
from macsmith.array.header_notes import operand_stays_notes, pe_notes, sums_stay_notes
from macsmith.array.operand_stationary.array import ChainedSystolic
from macsmith.array.output_stationary.array import Systolic
from macsmith.array.pe.grid import Grid
from macsmith.array.pe.stationary_operand_pe import ChainedPe
from macsmith.array.pe.tensor_pe import Pe, TensorPe
from macsmith.array.pruning.dap import Dap
from macsmith.array.pruning.header_notes import pruning_notes
from macsmith.array.pruning.spec import DapSpec
from macsmith.array.spec import SystolicSpec
from macsmith.contract.unit import Cut, Unit


@dataclass(frozen=True)
class Parts:
    """What is built in a dataflow.

    Members
    -------
    pe, unit
        Components of a PE and of the whole.
    notes
        Returns lines for the header of the whole's Verilog.
    replayed
        Whether grids of a PE's gates can be fed, for its energy.
    """

    pe: Callable[[SystolicSpec], Pe]
    unit: Callable[[SystolicSpec], wiring.Component]
    notes: Callable[[SystolicSpec], list[str]]
    replayed: bool = False


PARTS: Mapping[str, Parts] = {
    "output": Parts(TensorPe, Systolic, sums_stay_notes, replayed=True),
    "weight": Parts(ChainedPe, ChainedSystolic, operand_stays_notes),
    "input": Parts(ChainedPe, ChainedSystolic, operand_stays_notes),
}
"""What is built in each dataflow."""


def pe_of(spec: SystolicSpec) -> Pe:
    """Return the PE of the array's dataflow."""
    return PARTS[spec.dataflow].pe(spec)


def grid_of(spec: SystolicSpec) -> Grid:
    """Return the grid of these PEs."""
    return Grid(pe_of(spec))


def unit_of(spec: SystolicSpec) -> wiring.Component:
    """Return the unit of the array's dataflow, its sums in the format of the result."""
    if spec.result:
        return ConvertedSums(spec, PARTS[spec.dataflow].unit(replace(spec, result="")))
    return PARTS[spec.dataflow].unit(spec)


def array_notes(spec: SystolicSpec) -> list[str]:
    """Return what the payloads of an array hold."""
    return PARTS[spec.dataflow].notes(spec)


def _no_pe_energy(spec: SystolicSpec) -> str | None:
    """Return why a PE has no energy: only those of one dataflow are fed by a grid of gates."""
    if spec.mac.marks_pauses:
        return f"of a pe with mac of integers, not {spec.mac_name!r}, yet"
    if not PARTS[spec.dataflow].replayed:
        return f"of a pe with dataflow = 'output', not {spec.dataflow!r}"
    return None


_ARRAY = Unit(
    name="systolic",
    spec=SystolicSpec,
    cuts={
        "pe": Cut(
            pe_of, notes=pe_notes, replay="macsmith.energy.replays.pe_replay:PeReplay",
            no_energy=_no_pe_energy,
        ),
        "core": Cut(grid_of, inside="unit", measured=False, notes=pe_notes, replay=None),
        "unit": Cut(unit_of, measured=False, notes=array_notes, replay=None),
    },
    golden="macsmith.golden.array:ArrayModel",
    verification="macsmith.verify.arrays:ArrayVerification",
    proof="macsmith.formal.streams.array_rules:ArrayProver",
    bench=("macsmith.bench.array",),
    layers="macsmith.matmul.layers_on_unit:stream_layers",
    vectors="macsmith.bundle.vectors.product_vectors:product_vectors",
    scenes="macsmith.bundle.diagrams.array_scenes:array_scenes",
    skips=True,
)  # fmt: skip

_ENGINE = Unit(
    name="systolic-engine",
    spec=EngineSpec,
    cuts={
        "unit": Cut(
            Engine,
            measured=False,
            memories=True,
            notes=engine_notes,
            replay=None,
            ports=EnginePorts(),
        ),
        "logic": Cut(EngineLogic, notes=engine_notes, replay=None, ports=EnginePorts()),
    },
    golden="macsmith.golden.requantised_array:EngineModel",
    verification="macsmith.verify.engines:EngineVerification",
    proof="macsmith.formal.streams.engine_rules:EngineProver",
    bench=(
        "macsmith.bench.engine",
        "macsmith.bench.engine_registers",
        "macsmith.bench.engine_errors",
    ),
    registers="macsmith.array.engine.host_view:host_registers",
    layers="macsmith.matmul.layers_on_unit:engine_layers",
    vectors="macsmith.bundle.vectors.job_vectors:job_vectors",
    scenes="macsmith.bundle.diagrams.array_scenes:engine_scenes",
    skips=True,
    speaks_axi=True,
)

_PRUNING = Unit(
    name="dap",
    spec=DapSpec,
    cuts={"unit": Cut(Dap, notes=pruning_notes)},
    proof="macsmith.formal.arithmetic.dap_prover:DapProver",
    golden="macsmith.golden.dap:DapModel",
    source="macsmith.operands.pruning_blocks:BlockSource",
    bench=("macsmith.bench.stream", "macsmith.bench.dap"),
)

ARRAYS: Mapping[str, Unit] = {unit.name: unit for unit in (_ARRAY, _ENGINE, _PRUNING)}
