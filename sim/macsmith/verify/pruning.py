"""Verification of the pruning unit: bulk on compiled RTL, protocol on simulators."""

import numpy as np

from macsmith.array.pruning.spec import DapSpec
from macsmith.bench.bulk import STALLS, compare
from macsmith.catalog.catalog import build
from macsmith.host.verification_run import Run
from macsmith.operands.pruning_blocks import BlockSource
from macsmith.rtlsim.bulk_engine import make_engine


def verify_blocks(name: str, spec: DapSpec, seed: int, count: int) -> list[Run]:
    """Compare a unit with its golden model for every count: random blocks, extremes and ties.

    Parameters
    ----------
    count:
        Random blocks of each count to keep, half of them with stalls.
    """
    engine = make_engine(build(name, spec))
    runs = []
    for keep in range(spec.nonzeros + 1):
        source = BlockSource(spec, np.random.default_rng([seed, keep]))
        run = Run(name, spec.parameters(), f"keep-{keep}", "bulk", engine.engine, seed)
        for batch in (*source.special(keep), source.uniform(count - count // 2, keep)):
            got = engine.stream(spec, [batch])[0]
            compare(run, batch, batch.expected(spec, source.model), got)
        if count // 2:
            batch = source.uniform(count // 2, keep)
            got = engine.stream(spec, [batch], STALLS, seed)[0]
            compare(run, batch, batch.expected(spec, source.model), got)
        runs.append(run)
    return runs
