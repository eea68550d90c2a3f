"""A small specification of each unit whose default one is large."""

from typing import Any

from macsmith.sparse.cnvlutin.spec import CnvlutinSpec
from macsmith.sparse.scnn.spec import ScnnSpec

SMALL: dict[str, dict[str, Any]] = {
    "systolic": {"rows": 2, "cols": 2},
    "systolic-engine": {
        "rows": 2, "cols": 2, "out_lanes": 2,
        "act_depth": 8, "weight_depth": 8, "channel_depth": 4,
    },
    "adacomp": {"bin": 2, "width": 2, "residue_width": 3, "count_width": 2},
    "fp-dot": {"products": 2, "acc": "fp16"},
    "fp-convert": {"lanes": 2},
    "sigmoid": {"format": "e4m3"},
    "gelu": {"format": "e4m3"},
    "softmax": {"format": "e4m3", "elements": 2, "integer_bits": 4},
    "batch-norm": {"format": "e4m3", "lanes": 1},
    "fp-int-merged": {"lanes": 1},
    "fp-int-separate": {"lanes": 1},
    "huffman-encoder": {"width": 4, "longest": 6},
    "huffman-decoder": {"width": 4, "longest": 6},
    "buffet": {"size": 8},
    "double-buffer": {"size": 8},
    "eie": {"pes": 2, "words": 4, "depth": 4, "value_bits": 2},
    "scnn": dict(ScnnSpec.mutated()["", "default"]),
    "cnvlutin-lane": dict(CnvlutinSpec.mutated()["", "default"]),
    "sparce-skip": {"entries": 3},
}  # fmt: skip
"""Parameters by unit; those that are not named are the default ones."""
