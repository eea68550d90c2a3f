"""The cocotb bench of a systolic array: GEMMs one after the other, every stream with pauses.

It runs inside a simulator, as `macsmith.bench.mac` does.
"""

import json
import os
from collections import deque
from pathlib import Path
from random import Random
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly

from macsmith.bench.stream_drivers import PERIOD_NS
from macsmith.catalog.catalog import spec_of_parameters
from macsmith.formats.stream_words import words_for, words_to_ints
from macsmith.host.verification_run import Run
from macsmith.matmul.array_gemm import LARGEST, Gemm

SHAPES = ((1, 1, 1), (7, 5, 9), (3, 14, 11), (13, 4, 6))
"""M, N and K of products that every array is given."""

LONGEST = 2000
"""Cycles of a random product that a simulator has time for."""


@cocotb.test()
async def gemms(dut: Any) -> None:
    """Products without a reset between them, at full speed and with pauses of every stream."""
    path = Path(os.environ["MACSMITH_BENCH"])
    job = json.loads(path.read_text())
    spec: Any = spec_of_parameters(job["name"], job["parameters"])
    random = Random(job["seed"])
    rng = np.random.default_rng(job["seed"])
    inputs = ("i",) if spec.dataflow == "output" else ("i_a", "i_w")
    for name in inputs:
        getattr(dut, f"{name}__valid").value = 0
        getattr(dut, f"{name}__payload").value = 0
    dut.o__ready.value = 0
    dut.rst.value = 1
    Clock(dut.clk, PERIOD_NS, unit="ns").start()
    for _ in range(2):
        await FallingEdge(dut.clk)
    dut.rst.value = 0
    for pause in (0.0, 0.3, 0.7):
        for mode, precision in enumerate(spec.modes):
            gemms = [Gemm.random(spec, shape, rng, mode) for shape in SHAPES]
            gemms += _short(spec, rng, mode, job["count"])
            for gemm in gemms:
                taken = await _transfer(dut, gemm, random, pause)
                words = 8 * words_for(len(dut.o__payload))
                beats = b"".join(payload.to_bytes(words, "little") for payload in taken)
                run = Run(job["name"], spec.parameters(), str(precision), "protocol",
                          job["simulator"], job["seed"])  # fmt: skip
                gemm.compare(run, np.frombuffer(beats, np.uint64).reshape(len(taken), -1))
                with path.with_name("runs.jsonl").open("a") as found:
                    found.write(json.dumps(run.to_json()) + "\n")
                assert run.right, f"{run.examples[0].label} with pauses of {pause}"
    if hasattr(dut, "fault"):
        assert not dut.fault.value


def _short(spec: Any, rng: np.random.Generator, mode: int, count: int) -> list[Gemm]:
    """Return random products of sizes up to `LARGEST`, none of which takes too long."""
    gemms: list[Gemm] = []
    for _ in range(100 * count):
        gemm = Gemm.random(spec, tuple(rng.integers(1, LARGEST + 1, 3).tolist()), rng, mode)
        if len(gemms) < count and gemm.cycles() <= LONGEST:
            gemms.append(gemm)
    return gemms


async def _transfer(dut: Any, gemm: Gemm, random: Random, pause: float) -> list[int]:
    """Send the beats of a product and return the payloads that come out."""
    waiting = {name: deque(words_to_ints(beats)) for name, beats in gemm.beats().items()}
    offered = dict.fromkeys(waiting, False)
    results, taken = gemm.result_count(), list[int]()
    held: int | None = None
    for _ in range(1000 + 100 * sum(map(len, waiting.values()))):
        await FallingEdge(dut.clk)
        for name, beats in waiting.items():
            offered[name] = bool(beats) and (offered[name] or random.random() >= pause)
            getattr(dut, f"{name}__valid").value = int(offered[name])
            if beats:
                getattr(dut, f"{name}__payload").value = beats[0]
        ready = random.random() >= pause
        dut.o__ready.value = int(ready)
        if not any(waiting.values()) and len(taken) == results:
            return taken
        await ReadOnly()
        payload = dut.o__payload.value.to_unsigned() if bool(dut.o__valid.value) else None
        assert held is None or payload == held, "a result changed before it was taken"
        held = None if ready else payload
        if payload is not None and ready:
            taken.append(payload)
        for name, beats in waiting.items():
            if offered[name] and bool(getattr(dut, f"{name}__ready").value):
                beats.popleft()
                offered[name] = False
    raise AssertionError(f"no end: {len(taken)} of {results} results")
