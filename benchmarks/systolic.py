"""A matrix product of 256 x 256 x 256 on 8 x 8 PEs: ``python -m benchmarks.systolic [UNIT]``.

Cycles are of the stream unit, or of ``systolic-engine`` from start to done, simulated with
Verilator; each product is compared with the golden model, and its cycles with the documented
formula. Seconds are of one run on one machine, from the specification to the result, compiler
included.
"""

import os
import time
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from macsmith.array.engine.spec import EngineSpec
from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import make_spec
from macsmith.formats.pruning import keep_largest
from macsmith.golden.array import ArrayModel
from macsmith.host.int64s import Int64s
from macsmith.matmul.engine_array import EngineArray
from macsmith.matmul.stream_array import Counters, StreamArray

SIZE = 256
BOUNDS = ((4, 2), (8, 2))
"""Block and non-zeros."""


@dataclass(frozen=True)
class Result:
    """A product on an array."""

    what: str
    counters: Counters
    seconds: float


def multiply(what: str, spec: SystolicSpec | EngineSpec, acts: Int64s, weights: Int64s) -> Result:
    """Build an array, multiply, and compare with the golden model and the formula."""
    start = time.perf_counter()
    array = EngineArray(spec) if isinstance(spec, EngineSpec) else StreamArray(spec)
    product, counters = array.gemm(acts, weights)
    seconds = time.perf_counter() - start
    expected = ArrayModel(array.array).matmul(spec.points[0], acts, weights)
    if not np.array_equal(product, expected):
        raise SystemExit(f"{what}: the product is not that of the golden model")
    if counters.cycles != counters.formula:
        raise SystemExit(f"{what}: {counters.cycles} cycles, not {counters.formula}")
    return Result(what, counters, seconds)


def main(
    unit: Annotated[str, typer.Argument(help="systolic or systolic-engine.")] = "systolic",
) -> None:
    """Print cycles, utilisation, ratios and seconds."""
    rng = np.random.default_rng(1)
    acts = rng.integers(0, 256, (SIZE, SIZE))
    dense = rng.integers(1, 128, (SIZE, SIZE)) * rng.choice([-1, 1], (SIZE, SIZE))
    table = Table(title=f"{SIZE} x {SIZE} x {SIZE} on 8 x 8 PEs of {unit}", title_justify="left")
    for heading in ("array and weights", "multipliers", "passes", "cycles", "by formula",
                    "utilisation", "cycles / dense, same array",
                    "cycles / dense array, same multipliers", "seconds"):  # fmt: skip
        table.add_column(heading, justify="left" if heading.startswith("array") else "right")

    def add(spec: SystolicSpec | EngineSpec, result: Result, *ratios: float) -> None:
        cost = result.counters
        table.add_row(
            result.what, str(spec.multipliers), str(cost.shape.passes), str(cost.cycles),
            str(cost.formula), f"{cost.utilisation:.2%}", *(f"{ratio:.4f}" for ratio in ratios),
            *[""] * (2 - len(ratios)), f"{result.seconds:.1f}",
        )  # fmt: skip

    with TemporaryDirectory() as cache:
        os.environ["MACSMITH_CACHE"] = cache
        classic: Any = make_spec(unit, {"rows": 8, "cols": 8})
        add(classic, multiply("1x1x1, dense", classic, acts, dense))
        for block, nonzeros in BOUNDS:
            bound = replace(classic, b=8, sparsity="dbb", block=block, nonzeros=nonzeros)
            plain = replace(classic, b=bound.multipliers // classic.multipliers)
            ratio = f"{nonzeros}{':' if block == 4 else '/'}{block}"
            name = f"1x8x1 dbb {ratio}"
            equal = multiply(f"1x{plain.b}x1, dense", plain, acts, dense)
            full = multiply(f"{name}, dense", bound, acts, dense)
            pruned = keep_largest(dense.T, block, nonzeros).T
            sparse = multiply(f"{name}, {ratio}", bound, acts, pruned)
            add(plain, equal)
            for result in (full, sparse):
                cycles = result.counters.cycles
                add(bound, result, cycles / full.counters.cycles, cycles / equal.counters.cycles)
    Console(width=150).print(table)


if __name__ == "__main__":
    typer.run(main)
