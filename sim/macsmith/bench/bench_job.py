"""What every cocotb bench is told, and where it leaves what it found."""

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, Self

import numpy as np

from macsmith.catalog.catalog import cut, spec_of_parameters
from macsmith.contract.unit import resolve
from macsmith.host.verification_run import Run


class BenchJob:
    """The job of a bench that runs inside a simulator.

    What to try is in the JSON file that ``MACSMITH_BENCH`` names, and what was found is written
    beside it; see `macsmith.rtlsim.cocotb_runner`.

    Members
    -------
    tries:
        The whole job, of which a family's bench reads how much to try.
    random, rng:
        Sources of pauses and of operands.
    """

    def __init__(self) -> None:
        path = Path(os.environ["MACSMITH_BENCH"])
        self.tries: dict[str, Any] = json.loads(path.read_text())
        self._found = path.with_name("runs.jsonl")
        self.name: str = self.tries["name"]
        self.seed: int = self.tries["seed"]
        self.spec: Any = spec_of_parameters(self.name, self.tries["parameters"])
        self.random, self.rng = Random(self.seed), np.random.default_rng(self.seed)

    def ends(self, dut: Any) -> Any:
        """Return what drives and watches the streams of a unit, cut where the job says."""
        return resolve(cut(self.name, self.tries["boundary"]).ends)(dut, self.random, self.spec)

    def new_run(self, point: int | None) -> Run:
        """Return an empty run of one point, or of all mixed."""
        name = "mixed" if point is None else str(self.spec.points[point])
        simulator = self.tries["simulator"]
        return Run(self.name, self.spec.parameters(), name, "protocol", simulator, self.seed)

    def keep(self, run: Run) -> None:
        """Write a run down."""
        with self._found.open("a") as found:
            found.write(json.dumps(run.to_json()) + "\n")


class StreamBench(BenchJob):
    """The job of a unit with one stream out, whose first input is its only one or leads.

    Members
    -------
    input, output:
        Names of the streams.
    streams:
        What drives and watches them.
    wrong:
        A sentence for each run with a wrong result.
    """

    def __init__(self, dut: Any) -> None:
        super().__init__()
        self.input = next(iter(self.spec.inputs(self.spec.points[0])))
        (self.output,) = self.spec.outputs(self.spec.points[0])
        self.streams = self.ends(dut)
        self.wrong: list[str] = []

    def conclude(self, run: Run) -> None:
        """Keep a run, and a sentence about its first wrong result if there is one."""
        self.keep(run)
        if run.mismatches:
            self.wrong.append(run.examples[0].sentence(self.name, run.mode))

    def random_ready(self, share: float) -> Callable[[bool], bool]:
        """Return a receiver that is ready in a share of the cycles."""
        return lambda valid: self.random.random() < share

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Take the unit out of reset, and fail at the end if any result was wrong."""
        await self.streams.start()
        yield self
        await self.streams.rest()
        assert not self.wrong, self.wrong[0]
