"""The arrays and what belongs to them, as entries of the catalogue."""

from collections.abc import Mapping

from amaranth.lib import wiring

from macsmith.array.engine.axi_shell import Engine, EngineLogic
from macsmith.array.engine.header_notes import engine_notes
from macsmith.array.engine.spec import EngineSpec
from macsmith.array.header_notes import array_notes, pe_notes
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


def pe_of(spec: SystolicSpec) -> Pe:
    """Return the PE of the array's dataflow."""
    return TensorPe(spec) if spec.dataflow == "output" else ChainedPe(spec)


def grid_of(spec: SystolicSpec) -> Grid:
    """Return the grid of these PEs."""
    return Grid(pe_of(spec))


def unit_of(spec: SystolicSpec) -> wiring.Component:
    """Return the unit of the array's dataflow."""
    return Systolic(spec) if spec.dataflow == "output" else ChainedSystolic(spec)


def _no_pe_energy(spec: SystolicSpec) -> str | None:
    """Return why a PE has no energy: only those of one dataflow are fed by a grid of gates."""
    if spec.joint:
        return f"without sparsity = {spec.sparsity!r} yet"
    if spec.dataflow != "output":
        return f"of a pe with dataflow = 'output', not {spec.dataflow!r}"
    return None


_ARRAY = Unit(
    name="systolic",
    spec=SystolicSpec,
    cuts={
        "pe": Cut(
            pe_of, notes=pe_notes, replay="macsmith.energy.pe_replay:PeReplay",
            no_energy=_no_pe_energy,
        ),
        "core": Cut(grid_of, measured=False, notes=pe_notes, replay=None),
        "unit": Cut(unit_of, measured=False, notes=array_notes, replay=None),
    },
    golden="macsmith.golden.array:ArrayModel",
    verification="macsmith.verify.arrays:ArrayVerification",
    bench=("macsmith.bench.array",),
    skips=True,
)  # fmt: skip

_ENGINE = Unit(
    name="systolic-engine",
    spec=EngineSpec,
    cuts={
        "unit": Cut(Engine, measured=False, memories=True, notes=engine_notes, replay=None),
        "logic": Cut(EngineLogic, notes=engine_notes, replay=None),
    },
    golden="macsmith.golden.array:ArrayModel",
    verification="macsmith.verify.arrays:EngineVerification",
    bench=("macsmith.bench.engine",),
    skips=True,
    lint_waivers={
        "WIDTHEXPAND": "a constant is as wide as its value",
        "WIDTHTRUNC": "a word as a condition is compared with zero",
        "CASEINCOMPLETE": "what no case covers keeps the value that it was given before",
        "UNSIGNED": "a comparison with an end of the range of a counter",
    },
)

_PRUNING = Unit(
    name="dap",
    spec=DapSpec,
    cuts={"unit": Cut(Dap, notes=pruning_notes)},
    golden="macsmith.golden.dap:DapModel",
    source="macsmith.operands.pruning_blocks:BlockSource",
    bench=("macsmith.bench.stream", "macsmith.bench.dap"),
)

ARRAYS: Mapping[str, Unit] = {unit.name: unit for unit in (_ARRAY, _ENGINE, _PRUNING)}
