"""Verification of memories of tiles: random programs on Verilator, in bulk."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.formats.stream_words import hexadecimal
from macsmith.golden.catalog import golden
from macsmith.host.verification_run import Mismatch, Run
from macsmith.operands.packet_sources.tile_programs import Program, TileSource
from macsmith.rtlsim.cocotb_runner import run_bench
from macsmith.rtlsim.verilated_stream import VerilatedStream
from macsmith.verify.base import VerilatorVerification, verilog_for
from macsmith.verify.plan import Plan

STALLS = ((0.0, 0.0), (0.3, 0.3), (0.7, 0.0), (0.0, 0.7))
"""Shares of cycles in which the senders and the receiver pause, program by program."""

COMMANDS = 400
"""Of a program."""

CUTS = 24
"""Resets in mid-work, each followed by a program that must be exact."""


class TileMemoryVerification(VerilatorVerification):
    """See `macsmith.verify.plan.Verification`."""

    def bulk(self, spec: Any, plan: Plan) -> Iterable[Run]:
        """Compare what reads give, with faults and without, under stalls and after resets."""
        run = Run(
            self.name, spec.parameters(), str(spec.points[0]), "bulk", "verilator", plan.seed,
            told=plan.told,
        )  # fmt: skip
        unit = self._unit(spec, plan)
        rng = np.random.default_rng(plan.seed)
        source = TileSource(spec, golden(self.name, spec), rng)
        for number in range(max(8, plan.accumulations // COMMANDS)):
            program = source.program(COMMANDS, out_of_reach=number % 4 == 3)
            self._try(run, unit, program, STALLS[number // 4 % 4], plan.seed + number)
        for number in range(CUTS):
            program = source.program(int(rng.integers(1, 60)))
            cut = int(rng.integers(1, 200))
            self._try(run, unit, program, STALLS[number % 4], plan.seed + number, cut)
        return [run]

    def _unit(self, spec: Any, plan: Plan) -> VerilatedStream:
        point = spec.points[0]
        inputs = spec.inputs(point)
        return VerilatedStream(
            verilog_for(self.name, spec, plan), tuple(layout.width for layout in inputs.values()),
            spec.outputs(point)["o"].width, fault=True, inputs=list(inputs),
        )  # fmt: skip

    def _try(
        self, run: Run, unit: VerilatedStream, program: Program, stalls: tuple[float, float],
        seed: int, cut: int = 0,
    ) -> None:  # fmt: skip
        got, _ = unit.run_timed(
            program.sent, len(program.due), stalls, seed, cut, wrong=program.fault,
            after=[None, None, program.update_after],
        )  # fmt: skip
        run.vectors += sum(map(len, program.sent))
        run.random += len(program.due)
        for index in np.flatnonzero((got != program.due).any(axis=1)):
            reads = [one for one in program.commands if not one.shrink]
            told = {"index": [[one.index] for one in reads[: index + 1]][-8:]}
            run.note(
                Mismatch("reads", told, hexadecimal(program.due[index]), hexadecimal(got[index]))
            )

    def protocol(
        self, spec: Any, simulator: str, folder: Path, plan: Plan, verilog: str | None = None
    ) -> list[Run]:
        """Run the cocotb bench."""
        return run_bench(
            self.name, spec, simulator, folder, seed=plan.seed, waves=plan.waves, verilog=verilog,
            commands=max(100, plan.simulated // 4), subject=plan.subject,
            boundary=plan.boundary,
        )  # fmt: skip
