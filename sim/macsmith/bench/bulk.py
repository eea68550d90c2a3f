"""Bulk verification: arrays of operands through a compiled unit."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import numpy as np

from macsmith.golden.mac_model import MacModel
from macsmith.host.verification_run import MISMATCHES_KEPT, Mismatch, Run
from macsmith.operands.batches import Batch, Operands
from macsmith.rtlsim.bulk_engine import Engine

LENGTHS = (1, 2, 3, 5, 8, 17, 40)
MIXED_LENGTH, MIXED_COPIES = 60, 64
STALLS = 0.3


def verify_bulk(
    name: str,
    spec: Any,
    model: MacModel,
    engine: Engine,
    seed: int,
    accumulations: int,
    progress: Callable[[str], None] = lambda mode: None,
) -> list[Run]:
    """Compare a unit with its golden model, mode by mode and then all modes mixed.

    Parameters
    ----------
    accumulations:
        Random accumulations in each mode, half of them such that long ones overflow.
    progress:
        Called with a mode's name when it is done.
    """
    runs = []
    for index, mode in enumerate(spec.modes):
        rng = np.random.default_rng([seed, index])
        operands = Operands(spec, model, index, rng)
        run = Run(name, spec.parameters(), str(mode), "bulk", engine.engine, seed)
        run.exhaustive = operands.enumerable
        batches = chain(operands.pairs(), operands.extremes(), _random(operands, accumulations))
        for batch in batches:
            compare(run, batch, batch.expected(spec, model), engine.stream(spec, [batch])[0])
        runs.append(run)
        progress(run.mode)
    runs.append(_mixed(name, spec, model, engine, seed))
    progress("mixed")
    return runs


def compare(run: Run, batch: Batch, expected: Any, got: Any) -> None:
    """Count the vectors of a batch and note each result that differs."""
    run.vectors += batch.beats
    run.random += batch.random
    wrong = np.flatnonzero((expected != got).any(axis=1))
    run.mismatches += max(0, len(wrong) - MISMATCHES_KEPT)
    for index in wrong[:MISMATCHES_KEPT]:
        run.note(
            Mismatch(
                batch.label,
                batch.acts[index].tolist(),
                batch.weights[index].tolist(),
                _hexadecimal(expected[index]),
                _hexadecimal(got[index]),
            )
        )


def _hexadecimal(words: Any) -> str:
    return hex(int.from_bytes(words.tobytes(), "little"))


def _random(operands: Operands, accumulations: int) -> Iterator[Batch]:
    """Yield random accumulations of several lengths in equal parts."""
    each = max(1, accumulations // (2 * len(LENGTHS)))
    for length in LENGTHS:
        yield operands.uniform(each, length)
        yield operands.overflowing(each, length)


def _mixed(name: str, spec: Any, model: MacModel, engine: Engine, seed: int) -> Run:
    """Send accumulations of all modes in random order, with stalls at both ends."""
    rng = np.random.default_rng([seed, len(spec.modes)])
    run = Run(name, spec.parameters(), "mixed", "bulk", engine.engine, seed)
    operands = [Operands(spec, model, index, rng) for index in range(len(spec.modes))]
    batches = [
        operands[rng.integers(len(operands))].uniform(MIXED_COPIES, int(rng.integers(1, 6)))
        for _ in range(MIXED_LENGTH)
    ]
    for batch, got in zip(batches, engine.stream(spec, batches, STALLS, seed), strict=True):
        compare(run, batch, batch.expected(spec, model), got)
    return run
