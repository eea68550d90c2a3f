"""Verification of units that make a packet of each packet, in numbers that depend on the data."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.contract.axi_stream import AXI_STREAM
from macsmith.formats.stream_words import hexadecimal
from macsmith.host.verification_run import MISMATCHES_KEPT, Mismatch, Run
from macsmith.netlist.gate_netlist import GateNetlist
from macsmith.operands.packet_sources.packets import Traffic, traffic
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.cocotb_runner import check_axi, missing_for, run_bench
from macsmith.rtlsim.unwrapped import with_own_streams
from macsmith.rtlsim.verilated_stream import VerilatedStream
from macsmith.verify.plan import Plan

STALLS = ((0.0, 0.0), (0.3, 0.3), (0.7, 0.0), (0.0, 0.7))
"""Shares of cycles in which the sender and the receiver pause, run by run."""

CUTS = 24
"""Resets in mid-work, each followed by packets that must be exact."""

PACKETS_FOR = 25
"""Random packets that others count are so many times fewer here, as one has many elements."""

FEWEST = 60


class PacketVerification:
    """See `macsmith.verify.plan.Verification`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def check_tools(self, boundary: str = "unit") -> None:
        """Raise a sentence if the models of AXI4-Stream are asked for and not installed."""
        if boundary == AXI_STREAM:
            check_axi(self.name)

    def missing_for_bulk(self) -> str | None:
        """Return what Verilator lacks, which the bulk layer runs on."""
        return missing_for("verilator")

    def on_gates(self, spec: Any, gates: GateNetlist, plan: Plan) -> Iterable[Run]:
        """Return no runs: nothing drives gates by packets."""
        return ()

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
            got, cycles = unit.run_timed(sent.sent, len(sent.due), stalls, plan.seed + number)
            compare(run, sent, got)
            if not any(stalls) and cycles > sent.most_cycles:
                run.fail(f"{len(sent.packets)} packets took {cycles} cycles, more than the "
                         f"{sent.most_cycles} that are guaranteed")  # fmt: skip
        rng = np.random.default_rng([plan.seed, CUTS])
        for number in range(CUTS):
            sent = traffic(self.name, spec, 8, rng)
            stalls = STALLS[number % len(STALLS)]
            cut = int(rng.integers(1, 4 * len(sent.sent)))
            got, _ = unit.run_timed(sent.sent, len(sent.due), stalls, plan.seed + number, cut)
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
    """Return a unit of one stream in and one out on Verilator."""
    point = spec.points[0]
    text = (
        to_verilog(with_own_streams(name, spec, plan.boundary), "unit")
        if plan.subject is None
        else plan.subject.for_library("unit")
    )
    return VerilatedStream(text, spec.inputs(point)["i"].width, spec.outputs(point)["o"].width)


def compare(run: Run, sent: Traffic, got: Any) -> None:
    """Count the packets, and note each beat that differs."""
    run.vectors += len(sent.sent)
    run.random += len(sent.packets)
    wrong = np.flatnonzero((sent.due != got).any(axis=1))
    run.mismatches += max(0, len(wrong) - MISMATCHES_KEPT)
    for index in wrong[:MISMATCHES_KEPT]:
        packet = sent.packets[sent.packet_of(int(index))]
        operands = {name: values.tolist() for name, values in packet.fields.items()}
        run.note(
            Mismatch(packet.label, operands, hexadecimal(sent.due[index]), hexadecimal(got[index]))
        )
