"""Verification of units that make a packet of each packet, in numbers that depend on the data."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.formats.stream_words import hexadecimal
from macsmith.host.verification_run import MISMATCHES_KEPT, Mismatch, Run
from macsmith.operands.packet_sources.packets import Traffic, traffic
from macsmith.rtlsim.cocotb_runner import run_bench
from macsmith.rtlsim.verilated_stream import VerilatedStream
from macsmith.verify.base import VerilatorVerification, verilog_for
from macsmith.verify.plan import Plan

STALLS = ((0.0, 0.0), (0.3, 0.3), (0.7, 0.0), (0.0, 0.7))
"""Shares of cycles in which the sender and the receiver pause, run by run."""

CUTS = 24
"""Resets in mid-work, each followed by packets that must be exact."""

PACKETS_FOR = 25
"""Random packets that others count are so many times fewer here, as one has many elements."""

FEWEST = 60


class PacketVerification(VerilatorVerification):
    """See `macsmith.verify.plan.Verification`."""

    def bulk(self, spec: Any, plan: Plan) -> Iterable[Run]:
        """Compare packets of all kinds, with stalls at both ends and after resets.

        Where nothing stalls, they must not take more cycles than the model states.
        """
        run = Run(
            self.name, spec.parameters(), str(spec.points[0]), "bulk", "verilator", plan.seed,
            told=plan.told,
        )  # fmt: skip
        unit = verilated(self.name, spec, plan)
        count = max(FEWEST, plan.accumulations // PACKETS_FOR // len(STALLS))
        for number, stalls in enumerate(STALLS):
            sent = traffic(self.name, spec, count, np.random.default_rng([plan.seed, number]))
            got, cycles = unit.run_timed(
                list(sent.sent.values()), len(sent.due), stalls, plan.seed + number
            )
            compare(run, sent, got)
            if not any(stalls) and cycles > sent.most_cycles:
                run.fail(f"{len(sent.packets)} packets took {cycles} cycles, more than the "
                         f"{sent.most_cycles} that are guaranteed")  # fmt: skip
        rng = np.random.default_rng([plan.seed, CUTS])
        for number in range(CUTS):
            sent = traffic(self.name, spec, 8, rng)
            stalls = STALLS[number % len(STALLS)]
            cut = int(rng.integers(1, 4 * sent.beats))
            got, _ = unit.run_timed(
                list(sent.sent.values()), len(sent.due), stalls, plan.seed + number, cut
            )
            compare(run, sent, got)
        return [run]

    def protocol(
        self, spec: Any, simulator: str, folder: Path, plan: Plan, verilog: str | None = None
    ) -> list[Run]:
        """Run the cocotb bench."""
        return run_bench(
            self.name, spec, simulator, folder, seed=plan.seed, waves=plan.waves, verilog=verilog,
            packets=max(FEWEST, plan.simulated // PACKETS_FOR), subject=plan.subject,
            boundary=plan.boundary,
        )  # fmt: skip


def verilated(name: str, spec: Any, plan: Plan) -> VerilatedStream:
    """Return a unit of one stream out on Verilator."""
    point = spec.points[0]
    text, inputs = verilog_for(name, spec, plan), spec.inputs(point)
    widths = tuple(layout.width for layout in inputs.values())
    return VerilatedStream(text, widths, spec.outputs(point)["o"].width, inputs=list(inputs))


def compare(run: Run, sent: Traffic, got: Any) -> None:
    """Count the packets, and note each beat that differs."""
    run.vectors += sent.beats
    run.random += len(sent.packets)
    wrong = np.flatnonzero((sent.due != got).any(axis=1))
    run.mismatches += max(0, len(wrong) - MISMATCHES_KEPT)
    for index in wrong[:MISMATCHES_KEPT]:
        packet = sent.packets[sent.packet_of(int(index))]
        operands = {name: values.tolist() for name, values in packet.fields.items()}
        run.note(
            Mismatch(packet.label, operands, hexadecimal(sent.due[index]), hexadecimal(got[index]))
        )
