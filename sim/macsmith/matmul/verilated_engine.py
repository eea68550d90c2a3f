"""The systolic engine on Verilator, driven in C++: jobs in, matrices and counters out."""

import ctypes
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from macsmith.array.engine.axi_shell import Engine
from macsmith.array.engine.register_map import COUNTERS, ERROR_SHIFT, Register, counter_address
from macsmith.array.engine.spec import EngineSpec
from macsmith.array.engine.tile_schedule import Schedule
from macsmith.matmul.engine_jobs import (
    STREAMS,
    Bytes,
    EngineJob,
    Packets,
    Result,
    matrix_of,
    packets,
    settings,
    split_counters,
)
from macsmith.matmul.register_model import SETTINGS
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.subject import Subject
from macsmith.rtlsim.verilator_model import model

TOP = "engine"
_DRIVER = Path(__file__).with_name("engine_driver.cc")
_ACCESS_CYCLES = 40
"""More cycles than a host that never pauses needs for an access."""
_TIMES = ("started", "last_result", "last_busy", "first_idle", "last_act")
_FAILURES = {
    -1: "did not end",
    -2: "gave more results than it should",
    -3: "changed or withdrew a result before it was taken",
    -4: "kept a status or a counter through a reset by register",
    -5: "lost what was written to its registers in a reset by register",
    -6: "refused a write that it must take",
    -7: "changed, withdrew or invented an answer on AXI4-Lite",
    -8: "answers an access wrongly",
    -9: "has a status that cannot be",
    -10: "goes on after an error",
}
Words = NDArray[np.uint32]


def run_jobs(
    spec: EngineSpec,
    jobs: Sequence[EngineJob],
    *,
    stalls: Sequence[float] = (0, 0, 0, 0),
    bus: float = 0,
    seed: int = 1,
    sent: Sequence[Packets] | None = None,
    broken_off: int = 0,
    by_register: bool = False,
    late: Mapping[str, int] | None = None,
    rest: int = 0,
    written: Sequence[Mapping[str, int]] | None = None,
    tried: Words | None = None,
    subject: Subject | None = None,
) -> list[Result]:
    """Run jobs one after the other, without a reset between them.

    Data of later jobs is offered while earlier ones run. After an error no further job runs. While
    a job runs, its registers are written anew with junk; lines of streams are junk while nothing
    is valid, and so is all of a word that the engine must ignore.

    Parameters
    ----------
    stalls:
        Share of cycles in which the streams of activations, weights, channels and results pause.
    bus:
        Share of cycles in which the host of AXI4-Lite pauses, where it may.
    sent:
        What the jobs send, if not what they should.
    broken_off:
        Cycles of other work, with the first job's registers, that a reset breaks off before.
    by_register:
        Whether that reset is by register, else by port. By register it must clear the status and
        all counters, and keep what was written.
    late:
        Of streams the clock cycle before which their last word is not offered.
    rest:
        Cycles between the reset and the first job, in which nothing is offered.
    written:
        What is written to the registers of the jobs, if not what they should.
    tried:
        Accesses to the registers that are made first, with their answers; see
        `macsmith.matmul.register_model.accesses`.
    subject:
        RTL with faults in place of the engine's.

    Raises
    ------
    RuntimeError
        If the engine hangs, gives more results than it should or one that does not wait, answers an
        access wrongly, goes on after an error, or cannot be compiled.
    """
    plans = [job.schedule(spec) for job in jobs]
    junk = np.random.default_rng(seed)
    sent = [packets(spec, job, junk) for job in jobs] if sent is None else sent
    inputs = [_beats([getattr(packet, name) for packet in sent]) for name in STREAMS]
    room = sum(plan.result_beats for plan in plans)
    result_words, keep_words = -(-spec.result_bits // 32), -(-spec.result_bits // 256)
    results = np.zeros((room, result_words + keep_words + 1), np.uint32)
    report = np.zeros((len(jobs), 2 + len(COUNTERS) + len(_TIMES)), np.uint32)
    work = sum(len(beats) for beats in inputs) + room + sum(plan.cycles for plan in plans)
    deadline = int(10_000 + 1000 * len(jobs) + 2 * work / (1 - max(*stalls, bus)))
    tried = np.zeros((0, 1), np.uint32) if tried is None else tried
    late = late or {}
    deadline += broken_off + max(late.values(), default=0)
    deadline += int(_ACCESS_CYCLES * len(tried) / (1 - bus))
    how = 0 if not broken_off else 2 if by_register else 1
    shape = [
        len(jobs), result_words, keep_words, room, deadline, len(COUNTERS), broken_off, how,
        len(tried), rest,
    ]  # fmt: skip
    octets = [layout.width // 8 for layout in spec.inputs(spec.points[0]).values()]
    for name, beats, size in zip(STREAMS, inputs, octets, strict=True):
        shape += [len(beats), beats.shape[1] - 1, size, late.get(name, 0)]
    words = [
        [wanted[register.name] for register in SETTINGS]
        for wanted in written or map(settings, plans)
    ]
    addresses: list[int] = [*SETTINGS, Register.CONTROL, Register.STATUS]
    addresses += [counter_address(name) for name in COUNTERS]
    compiled = library(spec) if subject is None else _library(subject.for_library(TOP), None)
    cycles = compiled.run(
        (ctypes.c_int64 * len(shape))(*shape),
        (ctypes.c_uint32 * 5)(*(round(256 * stall) for stall in (*stalls, bus))),
        ctypes.c_uint64(seed),
        (ctypes.c_uint32 * len(addresses))(*addresses),
        np.array(words, np.uint32).ctypes.data_as(ctypes.c_void_p),
        tried.ctypes.data_as(ctypes.c_void_p),
        *(ctypes.c_void_p(beats.ctypes.data) for beats in inputs),
        ctypes.c_void_p(results.ctypes.data),
        ctypes.c_void_p(report.ctypes.data),
    )
    if cycles < 0:
        raise RuntimeError(f"the engine {_FAILURES[cycles]}: {report.tolist()}")
    return _results(spec, plans, results, report)


def _results(
    spec: EngineSpec, plans: Sequence[Schedule], results: Words, report: Words
) -> list[Result]:
    own = 2 + len(COUNTERS)
    counters = split_counters(report[:, 2:own].tolist(), COUNTERS)
    found, at = [], 0
    each = zip(plans, report[:, :2].tolist(), counters, report[:, own:].tolist(), strict=True)
    for plan, (status, beats), counts, stamps in each:
        times = dict(zip(_TIMES, stamps, strict=True))
        error = status >> ERROR_SHIFT
        mine = results[at : at + beats]
        at += beats
        if error:
            if status != error << ERROR_SHIFT:
                raise RuntimeError(f"the engine stopped with a status of {status:#x}")
            found.append(Result(None, error, counts, **times))
            break
        if beats != plan.result_beats or mine[:-1, -1].any() or not mine[-1, -1]:
            raise RuntimeError(f"the engine gave {beats} results, not {plan.result_beats}")
        words = -(-spec.result_bits // 32)
        data, keep = (np.ascontiguousarray(part).view(np.uint8)
                      for part in (mine[:, :words], mine[:, words:-1]))  # fmt: skip
        kept = np.unpackbits(keep, axis=1, bitorder="little", count=spec.result_bits // 8)
        if (kept != _kept(spec, plan)).any():
            raise RuntimeError("the engine's tkeep marks bytes that hold no result, or too few")
        octets = data[:, : spec.result_bits // 8][kept.astype(bool)]
        found.append(Result(matrix_of(spec, plan, octets), error, counts, **times))
    return found


def _kept(spec: EngineSpec, plan: Schedule) -> NDArray[np.uint8]:
    """Return what tkeep must be, beat by beat: a column of a tile, then the next."""
    size, lanes = spec.result_bytes(plan.raw), spec.out_lanes
    masks = []
    for first in range(0, plan.m, spec.tile_rows):
        rows = min(spec.tile_rows, plan.m - first)
        held = np.array([min(lanes, rows - at) for at in range(0, rows, lanes)])
        column = np.arange(spec.result_bits // 8) < held[:, np.newaxis] * size
        masks.append(np.tile(column, (plan.n, 1)))
    return np.concatenate(masks).astype(np.uint8)


def _beats(parts: Sequence[tuple[Bytes, Bytes]]) -> Words:
    """Return the beats of jobs as words of 32 bits, the end of a packet in one of its own."""
    data, last = (np.concatenate(half) for half in zip(*parts, strict=True))
    filled = np.pad(data, ((0, 0), (0, -data.shape[1] % 4)))
    words = np.ascontiguousarray(filled).view(np.uint32)
    return np.ascontiguousarray(np.column_stack([words, last.astype(np.uint32)]), np.uint32)


@lru_cache
def library(spec: EngineSpec) -> ctypes.CDLL:
    """Return the model of an engine and its driver, compiled unless they are in the cache."""
    return _library(to_verilog(Engine(spec), TOP), f"{TOP}_pe")


def _library(verilog: str, part: str | None) -> ctypes.CDLL:
    compiled = model(verilog, TOP, _DRIVER, part=part)
    compiled.run.restype = ctypes.c_int64
    return compiled
