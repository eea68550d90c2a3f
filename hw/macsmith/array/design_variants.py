"""The arrays and engines that `verify --all` tries: each parameter that makes other hardware.

Grids are small, so that simulators compile them in a minute; memories of engines are so small that
panels fit, stream through, and wrap around.
"""

from collections.abc import Collection, Mapping
from typing import Any

from macsmith.contract.modes import Mode
from macsmith.contract.unit import Variants

_NARROW = {"act_width": 4, "weight_width": 4, "acc_width": 16}
_MODES = tuple(map(Mode.parse, ("8x8", "4x4", "2x2")))

ARRAYS: Mapping[str, Mapping[str, Any]] = {
    "classic": {"rows": 3, "cols": 2, "depth": 8},
    "tensor PE": _NARROW | {"rows": 2, "cols": 2, "a": 2, "b": 3, "c": 2, "stages": 2,
                            "act_signed": True, "depth": 5},
    "one PE": {"rows": 1, "cols": 1, "depth": 2, "stages": 2, "weight_signed": False},
    "zero-gated": _NARROW | {"rows": 2, "cols": 3, "b": 2, "sparsity": "zero-gated", "depth": 12},
    "2:4": _NARROW | {"rows": 3, "cols": 2, "b": 4, "sparsity": "dbb", "block": 4, "nonzeros": 2,
                      "depth": 7},
    "3/8": _NARROW | {"rows": 2, "cols": 2, "b": 16, "sparsity": "dbb", "nonzeros": 3,
                      "stages": 2, "depth": 3},
    "sums that wrap": {"rows": 2, "cols": 2, "act_width": 5, "weight_width": 3, "acc_width": 10,
                       "depth": 6},
}  # fmt: skip
"""Each in every dataflow."""

OUTPUT_STATIONARY: Mapping[str, Mapping[str, Any]] = {
    "modes in turn": {"rows": 3, "cols": 2, "b": 2, "mac": "subword-st", "modes": _MODES},
    "joint 3/8": _NARROW | {"rows": 2, "cols": 3, "a": 2, "b": 16, "sparsity": "joint-dbb",
                            "nonzeros": 3, "act_nonzeros": 5, "act_signed": True},
}  # fmt: skip
"""Output stationary alone: the others have one mode, and all activations of a block at a time."""

_FLOATS = {"rows": 2, "cols": 2, "depth": 5, "mac": "fp-dot"}

FLOATING: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("output", "formats in turn"): _FLOATS | {
        "b": 2, "mac.formats": ("fp16", "e4m3fn", "int4"), "mac.acc": "bf16", "stages": 2,
    },
    ("output", "raw sums of FP8"): _FLOATS | {
        "mac.formats": ("e4m3",), "mac.acc": "raw", "acc_width": 50, "stages": 1,
    },
    ("weight", "FP8"): _FLOATS | {"b": 2, "result": "e4m3fn", "overflow": "saturate"},
    ("output", "blocks of MX"): _FLOATS | {
        "a": 16, "cols": 1, "mac.formats": ("e2m1",), "mac.acc": "bf16", "result": "mxfp4",
    },
    ("input", "FP8 in a window"): _FLOATS | {
        "a": 2, "c": 2, "mac.formats": ("e5m2",), "mac.alignment": "window",
        "mac.fraction_bits": 9, "mac.truncation": "down", "mac.acc": "fp16",
    },
}  # fmt: skip
"""Floating-point MACs, by dataflow and kind."""

_SMALL = {"act_depth": 7, "weight_depth": 20, "channel_depth": 8, "arith": "operators"}

ENGINES: Mapping[str, Mapping[str, Any]] = {
    "classic": _SMALL | {"rows": 3, "cols": 2, "out_lanes": 2},
    "one PE": _SMALL | {"rows": 1, "cols": 1, "out_lanes": 1, "weight_signed": False},
    "tensor PE": _SMALL | {
        "rows": 2, "cols": 2, "a": 2, "b": 3, "c": 2, "out_lanes": 3, "out_width": 6,
        "out_signed": True, "act_signed": True, "acc_width": 21, "stages": 2,
        "sparsity": "zero-gated",
    },
    "2:4": _SMALL | {
        "rows": 2, "cols": 2, "b": 8, "sparsity": "dbb", "block": 4, "nonzeros": 2, "out_lanes": 2,
    },
    "3:4": _SMALL | {
        "rows": 2, "cols": 1, "b": 4, "sparsity": "dbb", "block": 4, "nonzeros": 3, "out_lanes": 1,
    },
    "2/8": _SMALL | {
        "rows": 2, "cols": 3, "b": 8, "sparsity": "dbb", "block": 8, "nonzeros": 2, "out_lanes": 2,
        "out_width": 16,
    },
    "one non-zero a pass": _SMALL | {
        "rows": 1, "cols": 2, "a": 2, "b": 4, "sparsity": "dbb", "block": 4, "nonzeros": 1,
        "out_lanes": 2, "act_width": 4, "weight_width": 4, "acc_width": 24,
    },
    "modes in turn": _SMALL | {
        "rows": 3, "cols": 2, "b": 2, "out_lanes": 2, "mac": "subword-st", "modes": _MODES,
    },
}  # fmt: skip


MUTATED_ARRAYS = ("classic", "zero-gated", "2:4", "3/8", "modes in turn", "joint 3/8")
MUTATED_ENGINES = ("classic", "2:4", "modes in turn")
"""Kinds that have all of the hardware between them: each sparsity, and modes."""


def array_variants() -> Variants:
    """Return the variants of the array; the published designs are its dataflows."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {
        (f"{dataflow} stationary", kind): {**parameters, "dataflow": dataflow}
        for dataflow in ("output", "weight", "input")
        for kind, parameters in ARRAYS.items()
    }
    found |= {("output stationary", kind): what for kind, what in OUTPUT_STATIONARY.items()}
    return found | {
        (f"{dataflow} stationary", kind): {**what, "dataflow": dataflow}
        for (dataflow, kind), what in FLOATING.items()
    }


def engine_variants() -> Variants:
    """Return the variants of the engine."""
    return {("", kind): parameters for kind, parameters in ENGINES.items()}


def kinds_of(variants: Variants, kinds: Collection[str]) -> Variants:
    """Return the variants of some kinds."""
    return {key: parameters for key, parameters in variants.items() if key[1] in kinds}
