"""Vectors of the engine's testbench: jobs over its registers and streams, and what they answer.

First come accesses of all registers, which jobs without operands answer as `RegisterModel` does.
In each mode jobs of random sizes follow, requantised and not, without stalls and with them, their
operands before their start or after it; those with weights that stay; each cause of a framing
error; jobs whose cycles are counted; and resets in mid-work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.array.engine.register_map import Error, Register, counter_address
from macsmith.bundle.vectors.stream_vectors import (
    RESETS,
    SEED,
    STALLS,
    Run,
    Vectors,
    hexadecimal_lines,
)
from macsmith.host.int64s import Int64s
from macsmith.matmul.engine_jobs import Packets, packets, settings
from macsmith.matmul.engine_products import Product, Products
from macsmith.matmul.register_model import accesses

MOST = 9
"""Largest size of a random product."""

JOBS = 3
"""Random jobs of a mode under each set of stalls."""

ACCESS = (1, 8, 32, 4, 32, 2)
"""Bits of an access: whether it writes, address, data, strobes, bits that count, answer."""

FRAMING = (Error.ACT_FRAMING, Error.WEIGHT_FRAMING, Error.CHANNEL_FRAMING)
"""What a packet of each stream raises that ends too early."""


COLUMNS = (
    "beats0", "beats1", "beats2", "results", "send_stall", "take_stall", "early", "stop_after",
    "limit", "exact", "error", "settings",
)  # fmt: skip
"""What is said of a job, in words of 32 bits; the last are those of its registers."""


@dataclass(frozen=True, kw_only=True)
class JobRun(Run):
    """A job.

    Members
    -------
    registers:
        What is written before its start, in the order of `JobVectors.settings`.
    early:
        Cycles in which operands are offered before its start; 0 if they come after it.
    error:
        With which it must stop, in place of results.
    """

    registers: Sequence[int]
    early: int = 0
    error: int = 0

    @property
    def words(self) -> int:
        """What is said of it, side by side, as `COLUMNS` has it."""
        numbers = (
            *self.beats, self.results, self.send_stall, self.take_stall, self.early, self.reset,
            self.limit, self.cycles, self.error, *self.registers,
        )  # fmt: skip
        return sum(number << 32 * at for at, number in enumerate(numbers))


@dataclass
class JobVectors(Vectors):
    """Those of an engine.

    Members
    -------
    settings:
        Addresses of the registers of a job, one after the other.
    accesses:
        How many there are of registers before all jobs.
    """

    template: str = "engine_testbench.v.jinja"
    settings: Sequence[int] = ()
    accesses: int = 0
    control: int = int(Register.CONTROL)
    status: int = int(Register.STATUS)
    cycles: int = counter_address("cycles")
    columns: Sequence[str] = COLUMNS


def result_beats(spec: Any, product: Product) -> list[int]:
    """Return the beats of a product's results: bytes, which of them count, and the end."""
    plan = product.job.schedule(spec)
    size = spec.result_bytes(plan.raw)
    beats = []
    for first in range(0, plan.m, spec.tile_rows):
        for column in product.expected[first : first + spec.tile_rows].T:
            for low in range(0, len(column), spec.out_lanes):
                beats.append(_beat(column[low : low + spec.out_lanes], size, spec.result_bits))
    beats[-1] |= 1 << (spec.result_bits + spec.result_bits // 8)
    return beats


def _beat(results: Int64s, size: int, bits: int) -> int:
    data = b"".join((int(one) & (1 << 8 * size) - 1).to_bytes(size, "little") for one in results)
    return int.from_bytes(data, "little") | (1 << len(data)) - 1 << bits


def words_of(spec: Any, sent: Packets) -> list[list[int]]:
    """Return the beats of each stream: ``tlast`` above ``tdata``."""
    layouts = spec.inputs(spec.points[0]).values()
    return [
        [
            int.from_bytes(word.tobytes(), "little") | int(last) << layout.width
            for word, last in zip(*stream, strict=True)
        ]
        for stream, layout in zip((sent.act, sent.weight, sent.channel), layouts, strict=True)
    ]


class _Jobs:
    """Draws the jobs of an engine."""

    def __init__(self, spec: Any) -> None:
        self.spec, self.rng = spec, np.random.default_rng(SEED)
        self.products = Products(spec, self.rng)
        self.vectors = JobVectors(sent=[[], [], []])

    def registers(self) -> None:
        """Set accesses of registers."""
        rows = [
            sum(int(value) << sum(ACCESS[:at]) for at, value in enumerate(row))
            for row in accesses(self.spec, self.rng)
        ]
        self.vectors.accesses = len(rows)
        self.vectors.further = {"registers": hexadecimal_lines(rows, sum(ACCESS))}

    def add(self, title: str, product: Product, stalls: str = "no stalls", **kinds: Any) -> None:
        """Append a job."""
        job = product.job
        words = words_of(self.spec, packets(self.spec, job, self.rng))
        fault = kinds.get("error", 0)
        if fault:
            at = [int(one) for one in FRAMING].index(fault)
            width = list(self.spec.inputs(self.spec.points[0]).values())[at].width
            words[at][0] |= 1 << width
        for sent, more in zip(self.vectors.sent, words, strict=True):
            sent += more
        due = [] if fault or kinds.get("reset") else result_beats(self.spec, product)
        self.vectors.due += due
        plan = job.schedule(self.spec)
        chosen = settings(plan)
        self.vectors.settings = [int(Register[name]) for name in chosen]
        send, take = STALLS[stalls]
        self.vectors.runs.append(
            JobRun(
                title=f"{title} {plan.m} x {plan.k} x {plan.n}, {stalls}",
                beats=tuple(map(len, words)), results=len(due), send_stall=send, take_stall=take,
                limit=2000 + 200 * (sum(map(len, words)) + len(due) + plan.cycles),
                registers=list(chosen.values()), **kinds,
            )
        )  # fmt: skip

    def random(self, mode: int, *, raw: bool) -> Product:
        """Return a random product of a mode."""
        sizes = (int(size) for size in self.rng.integers(1, MOST + 1, 3))
        passes = int(self.rng.integers(1, self.spec.max_passes + 1))
        return self.products.product(*sizes, raw=raw, mode=mode, passes=passes)

    def of_mode(self, mode: int) -> None:
        """Append the jobs of a mode."""
        point, early = self.spec.points[mode], (0, 7)
        for stalls in STALLS:
            for number in range(JOBS):
                product = self.random(mode, raw=number % 2 == 1)
                self.add(f"{point}:", product, stalls, early=early[number % 2])
        for trial in range(RESETS):
            self.add(
                f"{point}: reset in", self.random(mode, raw=trial % 2 == 0),
                reset=int(self.rng.integers(1, 40)),
            )  # fmt: skip
            after = self.random(mode, raw=trial % 2 == 1)
            cycles = after.job.schedule(self.spec).cycles
            # By then the first words of each stream have come, and the array takes last steps.
            settled = 2 * self.spec.array.cols + 8
            self.add(f"{point}: cycles of", after, early=settled, cycles=cycles)

    def errors(self) -> None:
        """Append a job of each stream with a packet that ends too early, then one that is right."""
        for error in FRAMING:
            # Of each stream a panel has more than one word.
            steps = 2 * self.spec.step_length() + 1
            wrong = self.products.product(2, steps, 2 * self.spec.tile_cols, raw=False)
            self.add(f"{error.name} in", wrong, error=int(error))
            self.add("after it", self.random(0, raw=True))


def job_vectors(name: str, spec: Any) -> Vectors:
    """Return the vectors of an engine; always the same ones."""
    drawn = _Jobs(spec)
    drawn.registers()
    for mode in range(len(spec.points)):
        drawn.of_mode(mode)
    for trial in range(2):
        for product in drawn.products.kept(3):
            drawn.add("weights that stay,", product, list(STALLS)[trial])
    product = drawn.products.ties(most=64)
    drawn.add("ties and limits,", product, "stalls")
    drawn.errors()
    found = drawn.vectors
    width = 32 * (len(COLUMNS) - 1 + len(found.settings))
    found.further["jobs"] = "".join(
        f"// {number}: {run.title}\n{hexadecimal_lines([run.words], width)}"
        for number, run in enumerate(found.runs)
        if isinstance(run, JobRun)
    )
    return found
