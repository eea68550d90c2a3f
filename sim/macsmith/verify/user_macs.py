"""A user's MAC against the golden model: operands at its ports, its sums read when they are due."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from macsmith.bench.bulk import LENGTHS, compare
from macsmith.golden.catalog import golden
from macsmith.host.plain_folder import plain_folder
from macsmith.host.verification_run import Run
from macsmith.netlist.gate_netlist import GateNetlist, read_netlist
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.batches import Batch, OperandSource
from macsmith.operands.stimulus import source_of
from macsmith.user_rtl.port_traffic import PortTraffic
from macsmith.user_rtl.rtl_reader import TOP
from macsmith.verify.plan import Plan

BEFORE = 2
"""Beats of the accumulation that comes before one that is compared."""

ENGINE = "gates"
"""What runs it: the RTL as gates of Yosys, vectorised."""


class UserMacVerification:
    """See `macsmith.verify.plan.Verification`; nobody drives the ports in a simulator."""

    def __init__(self, name: str) -> None:
        self.name = name

    def check_tools(self, boundary: str = "unit") -> None:
        """Raise nothing: all is there."""

    def missing_for_bulk(self) -> str | None:
        """Return None: gates run everywhere."""
        return None

    def bulk(self, spec: Any, plan: Plan) -> Iterator[Run]:
        """Yield a run for each mode: pairs, extremes, random accumulations of several lengths."""
        with plain_folder() as folder:
            gates = read_netlist(spec.rtlil, TOP, folder, resets_at_clock=True)
        engine, model = GateEngine(gates), golden(self.name, spec)
        # Without a role that begins an accumulation each beat is one.
        lengths = LENGTHS if "first" in spec.roles.steering else (1,)
        for index, point in enumerate(spec.points):
            source = source_of(self.name, spec, index, np.random.default_rng([plan.seed, index]))
            run = Run(self.name, spec.parameters(), str(point), "bulk", ENGINE, plan.seed)
            run.exhaustive = source.enumerable
            for batch in _batches(source, plan.accumulations, lengths):
                before = source.uniform(batch.packets, BEFORE if len(lengths) > 1 else 1)
                got = sums(spec, engine, [before, batch])
                compare(run, batch, batch.expected(spec, model), got)
            yield run

    def on_gates(self, spec: Any, gates: GateNetlist, plan: Plan) -> Iterable[Run]:
        """Return nothing: its netlists are proved equal to RTL elsewhere."""
        return ()

    def protocol(
        self, spec: Any, simulator: str, folder: Path, plan: Plan, verilog: str | None = None
    ) -> list[Run]:
        """Return nothing: it has no streams."""
        return []


def sums(spec: Any, engine: GateEngine, batches: list[Batch]) -> Any:
    """Return what the last of some batches leaves in ``result``, shape (packets, words)."""
    traffic = PortTraffic(spec, engine, batches[-1].packets)
    cycles = spec.cycles(spec.points[batches[-1].point])
    due = sum(batch.length for batch in batches) * cycles - 1 + spec.roles.latency
    for cycle in traffic.send(batches, idle=spec.roles.latency + 1):
        if cycle == due:
            return traffic.result()
    raise AssertionError("a result comes before the traffic ends")


def _batches(source: OperandSource, count: int, lengths: tuple[int, ...]) -> Iterator[Batch]:
    """Yield pairs and extremes, and random accumulations in equal parts."""
    each = max(1, count // (2 * len(lengths)))
    random = (make(each, length) for length in lengths
              for make in (source.uniform, source.overflowing))  # fmt: skip
    fitting = (one for one in source.extremes() if one.length == 1 or len(lengths) > 1)
    return chain(source.enumerated(), fitting, random)
