"""Verification of a unit with one stream in and one out: bulk on compiled RTL, cocotb benches."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.bench.bulk import verify_bulk
from macsmith.golden.catalog import golden
from macsmith.host.verification_run import Run
from macsmith.netlist.gate_netlist import GateNetlist
from macsmith.operands.batches import Batch
from macsmith.rtlsim.bulk_engine import Engine, bulk_engine, engine_of_gates
from macsmith.rtlsim.cocotb_runner import run_bench
from macsmith.verify.base import UnitVerification
from macsmith.verify.plan import Plan


class StreamVerification(UnitVerification):
    """See `macsmith.verify.plan.Verification`."""

    def missing_for_bulk(self) -> str | None:
        """Return None: without a C++ compiler vectorised gates take the bulk layer."""
        return None

    def bulk(self, spec: Any, plan: Plan) -> Iterable[Run]:
        """Compare random, extreme and enumerated operands, and what a family adds to them."""
        engine = bulk_engine(self.name, spec, plan.subject, plan.boundary)
        return self._on(engine, spec, plan)

    def on_gates(self, spec: Any, gates: GateNetlist, plan: Plan) -> Iterable[Run]:
        """Compare the same with gates of the unit, such as those of a mapped netlist.

        Those of a wrapper have other ports: they are compared in simulators, and by a proof.
        """
        if plan.boundary != "unit":
            return ()
        return self._on(engine_of_gates(spec, gates), spec, plan)

    def _on(self, engine: Engine, spec: Any, plan: Plan) -> Iterable[Run]:
        model = golden(self.name, spec)
        runs = verify_bulk(self.name, spec, model, engine, plan.seed, plan.accumulations, plan.told)
        return [*runs, *self.more_in_bulk(spec, engine, plan)]

    def more_in_bulk(self, spec: Any, engine: Engine, plan: Plan) -> Iterable[Run]:
        """Return further runs in bulk."""
        return ()

    def protocol(
        self, spec: Any, simulator: str, folder: Path, plan: Plan, verilog: str | None = None
    ) -> list[Run]:
        """Run the cocotb bench, with operands that a family gives beside random ones."""
        given = list(self.given(spec, plan))
        operands = None
        if given:
            folder.mkdir(parents=True, exist_ok=True)
            operands = folder / "operands.npz"
            np.savez(operands, allow_pickle=False, **_arrays(given))
        return run_bench(
            self.name, spec, simulator, folder, seed=plan.seed, waves=plan.waves, verilog=verilog,
            packets=plan.simulated, operands=str(operands.resolve()) if operands else None,
            subject=plan.subject, boundary=plan.boundary,
        )  # fmt: skip

    def given(self, spec: Any, plan: Plan) -> Iterable[Batch]:
        """Return batches for the cocotb bench beside random ones."""
        return ()


def _arrays(batches: Iterable[Batch]) -> Mapping[str, Any]:
    """Return the fields of batches as `macsmith.bench.stream.given_batches` reads them."""
    return {
        f"{batch.point}|{number}|{batch.label}|{field}": values
        for number, batch in enumerate(batches)
        for field, values in batch.fields.items()
    }
