"""Bulk verification of a unit of one stream in and one out: arrays of operands through its RTL."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from macsmith.formats.stream_words import hexadecimal
from macsmith.golden.catalog import GoldenModel
from macsmith.host.verification_run import MISMATCHES_KEPT, Mismatch, Run, Told, untold
from macsmith.operands.batches import Batch, OperandSource
from macsmith.operands.stimulus import packets, source_of
from macsmith.rtlsim.bulk_engine import Engine
from macsmith.rtlsim.compiled_rtl import COPIES

LENGTHS = (1, 2, 3, 5, 8, 17, 40)
"""Beats of random packets; where beats form none, one."""

MIXED_LENGTH, MIXED_COPIES = 60, 64
"""Packets that follow one another where points alternate, and how many such rows there are."""

STALLS = 0.3
"""Share of cycles in which either end pauses, in every second batch and where points alternate."""


CUTS = 24
"""Resets in mid-work at each point, each followed by packets that must be exact."""


def verify_bulk(
    name: str, spec: Any, model: GoldenModel, engine: Engine, seed: int, count: int,
    told: Told = untold,
) -> list[Run]:  # fmt: skip
    """Compare a unit with its golden model, point by point and then all points mixed.

    Parameters
    ----------
    count:
        Random packets at each point, half of them such that they strain the unit.
    told:
        That of each run.
    """
    runs = []
    for index, point in enumerate(spec.points):
        source = source_of(name, spec, index, np.random.default_rng([seed, index]))
        run = Run(name, spec.parameters(), str(point), "bulk", engine.engine, seed, told=told)
        run.exhaustive = source.enumerable
        for batch in chain(source.enumerated(), source.extremes()):
            compare(run, batch, batch.expected(spec, model), engine.stream(spec, [batch])[0])
        for number, batch in enumerate(_random(source, count, packets(spec))):
            stalls = STALLS if number % 2 else 0.0
            (got,) = engine.stream(spec, [batch], stalls, seed + number)
            compare(run, batch, batch.expected(spec, model), got)
        _after_resets(run, spec, model, engine, source, seed)
        runs.append(run)
    if len(spec.points) > 1 or packets(spec):
        runs.append(_mixed(name, spec, model, engine, seed, told))
    return runs


def _after_resets(
    run: Run, spec: Any, model: GoldenModel, engine: Engine, source: OperandSource, seed: int
) -> None:
    """Break work off by a reset at any moment; what follows must be exact."""
    rng = np.random.default_rng([seed, CUTS])
    length = 3 if packets(spec) else 1
    point = spec.points[source.uniform(1, 1).point]
    most = 4 * length * spec.cycles(point) + spec.latency(point) + 2
    for number in range(CUTS):
        # Four packets in each copy of a compiled unit.
        batch = source.uniform(4 * COPIES, length)
        cut, stalls = int(rng.integers(1, most)), STALLS if number % 2 else 0.0
        (got,) = engine.stream(spec, [batch], stalls, seed + number, cut)
        compare(run, batch, batch.expected(spec, model), got)


def compare(run: Run, batch: Batch, expected: Any, got: Any) -> None:
    """Count the vectors of a batch and note each result that differs."""
    run.vectors += batch.beats
    run.random += batch.random
    wrong = np.flatnonzero((expected != got).any(axis=1))
    run.mismatches += max(0, len(wrong) - MISMATCHES_KEPT)
    for index in wrong[:MISMATCHES_KEPT]:
        operands = batch.operands(index)
        run.note(
            Mismatch(batch.label, operands, hexadecimal(expected[index]), hexadecimal(got[index]))
        )


def _random(source: OperandSource, count: int, in_packets: bool) -> Iterator[Batch]:
    """Yield random packets of several lengths in equal parts."""
    lengths = LENGTHS if in_packets else (1,)
    each = max(1, count // (2 * len(lengths)))
    for length in lengths:
        yield source.uniform(each, length)
        yield source.overflowing(each, length)


def _mixed(name: str, spec: Any, model: GoldenModel, engine: Engine, seed: int, told: Told) -> Run:
    """Send packets of all points in random order, with stalls at both ends."""
    rng = np.random.default_rng([seed, len(spec.points)])
    run = Run(name, spec.parameters(), "mixed", "bulk", engine.engine, seed, told=told)
    sources = [source_of(name, spec, index, rng) for index in range(len(spec.points))]
    longest = 6 if packets(spec) else 2
    batches = [
        sources[rng.integers(len(sources))].uniform(MIXED_COPIES, int(rng.integers(1, longest)))
        for _ in range(MIXED_LENGTH)
    ]
    for batch, got in zip(batches, engine.stream(spec, batches, STALLS, seed), strict=True):
        compare(run, batch, batch.expected(spec, model), got)
    return run
