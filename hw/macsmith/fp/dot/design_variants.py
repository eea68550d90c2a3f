"""What `verify --all` and `mutate --all` vary of dot-product units."""

from collections.abc import Mapping
from typing import Any

from macsmith.contract.unit import DEFAULT, Variants

_WINDOW: Mapping[str, Any] = {"alignment": "window", "fraction_bits": 13}

KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "one product": {"products": 1, "addend": True},
    "FP16 with an addend": {"formats": ("fp16",), "products": 2, "acc": "fp16", "addend": True},
    "two formats": {"formats": ("e5m2xe4m3fn",), "acc": "bf16", "rounding": "ties-away"},
    "raw": {"formats": ("e5m2",), "acc": "raw", "headroom": 3},
    "raw, rounded once": {"acc": "raw", "result": "fp16", "rounding": "toward-zero"},
    "window": {**_WINDOW, "acc": "e8m13", "rounding": "toward-zero", "nan": "ones"},
    "window, late": {**_WINDOW, "order": "late", "truncation": "down", "addend": True},
    "window, sticky": {**_WINDOW, "truncation": "sticky", "acc": "dlfloat16", "addend": True},
    "BF16": {"formats": ("bf16",), "alignment": "window", "order": "late"},
    "HFP8": {
        **_WINDOW, "formats": ("hfp8-fwdxhfp8-bwd",), "products": 2, "acc": "dlfloat16",
        "rounding": "ties-away",
    },
    "several formats": {"formats": ("fp16", "e4m3fn", "e2m1", "int8", "int4"), "products": 2},
    "chunks": {"chunk": 3, "acc": "fp16", "addend": True},
    "chunks, twice rounded": {
        "formats": ("hfp8-fwdxhfp8-bwd",), "products": 2, "acc": "dlfloat16", "chunk": 64,
        "accumulate": "round-then-add", "rounding": "ties-away",
    },
    "operators": {"arith": "operators"},
    "operators, window": {**_WINDOW, "arith": "operators"},
}  # fmt: skip
"""Parameters by kind."""


def dot_variants() -> Variants:
    """Return the variants of the unit."""
    return {("", kind): parameters for kind, parameters in KINDS.items()}
