"""Arrays and operands of the tests that multiply matrices."""

from functools import cache

import numpy as np

from macsmith.array.output_stationary.array import Systolic
from macsmith.array.spec import SystolicSpec
from macsmith.contract.modes import Mode
from macsmith.formats.stream_words import operand_range
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.compiled_rtl import CompiledUnit

MODES = tuple(map(Mode.parse, ("8x8", "8x4", "4x4", "2x2")))

ARRAYS = {
    "classic": SystolicSpec(rows=2, cols=2),
    "one PE": SystolicSpec(rows=1, cols=1, stages=2),
    "uneven": SystolicSpec(rows=2, cols=1, a=2, b=3, c=1, act_signed=True, acc_width=20),
    "zero-gated": SystolicSpec(rows=2, cols=2, b=2, sparsity="zero-gated"),
    "2:4": SystolicSpec(rows=1, cols=2, b=8, sparsity="dbb", block=4, nonzeros=2),
    "3/8": SystolicSpec(rows=1, cols=1, c=2, b=8, sparsity="dbb", block=8, nonzeros=3, stages=2),
    "2/8": SystolicSpec(rows=1, cols=1, a=2, b=16, sparsity="dbb", block=8, nonzeros=2),
    "1/8": SystolicSpec(rows=2, cols=2, b=8, sparsity="dbb", block=8, nonzeros=1),
    "5/16": SystolicSpec(rows=1, cols=1, b=16, sparsity="dbb", block=16, nonzeros=5),
    "joint 4/8": SystolicSpec(rows=2, cols=2, b=8, sparsity="joint-dbb", act_nonzeros=3),
    "joint 2:4": SystolicSpec(rows=1, cols=2, a=2, b=8, sparsity="joint-dbb", block=4, nonzeros=2,
                              act_nonzeros=2, act_signed=True, stages=2),
    "joint of 16": SystolicSpec(rows=1, cols=2, c=2, b=16, sparsity="joint-dbb", block=16,
                                nonzeros=8, act_nonzeros=3, act_width=5, weight_signed=False),
    "joint, all weights": SystolicSpec(rows=2, cols=1, b=16, sparsity="joint-dbb", nonzeros=8,
                                       act_nonzeros=1, act_width=4, act_signed=True),
    "precisions": SystolicSpec(rows=1, cols=2, b=1, mac="dnc-2d-st", modes=MODES),
}  # fmt: skip


@cache
def compiled(name: str) -> CompiledUnit:
    unit = Systolic(ARRAYS[name])
    return CompiledUnit(
        to_rtlil(unit, "unit"), len(unit.i.payload.as_value()), len(unit.o.payload.as_value())
    )


def operands(
    spec: SystolicSpec, rng: np.random.Generator, shape: tuple[int, int, int], density: float,
    mode: int = 0,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return A and W of a shape (M, K, N), extremes included, with zeros in both."""
    m, k, n = shape
    precision = spec.modes[mode]
    matrices = []
    for size, bits, signed in (
        ((m, k), precision.act_bits, spec.act_signed),
        ((k, n), precision.weight_bits, spec.weight_signed),
    ):
        low, high = operand_range(bits, signed)
        values = rng.integers(low, high + 1, size)
        values = np.where(rng.random(size) < 0.1, low, values)
        matrices.append(values * (rng.random(size) < density))
    return matrices[0], matrices[1]
