"""An engine of several tests, so that it is compiled once."""

from macsmith.array.engine.spec import EngineSpec

# Memories that hold the weights of no layer but the first, and not a whole panel of the others.
HALF = EngineSpec(
    rows=4, cols=2, b=8, sparsity="dbb", block=4, nonzeros=2, out_lanes=2, act_depth=16,
    weight_depth=12, channel_depth=20, arith="operators",
)  # fmt: skip
