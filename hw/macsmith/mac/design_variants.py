"""The specifications of a MAC style that ``verify --all`` tries: each parameter varied."""

from collections.abc import Mapping
from typing import Any

from macsmith.contract.modes import Mode
from macsmith.contract.unit import DEFAULT, Variants

KINDS: Mapping[str, Mapping[str, Any]] = {
    DEFAULT: {},
    "4 bits": {"act_width": 4, "weight_width": 4},
    "6 bits": {"act_width": 6, "weight_width": 6},
    "12 bits": {"act_width": 12, "weight_width": 12},
    "16 bits": {"act_width": 16, "weight_width": 16},
    "wide activation": {"act_width": 12, "weight_width": 4},
    "wide weight": {"act_width": 4, "weight_width": 8},
    "odd activation": {"act_width": 7},
    "odd widths": {"act_width": 7, "weight_width": 5},
    "odd modes": {"modes": tuple(map(Mode.parse, ("8x8", "5x3", "1x1", "3x8", "4x3")))},
    "both signed": {"act_signed": True},
    "both unsigned": {"weight_signed": False},
    "signed activation": {"act_signed": True, "weight_signed": False},
    "no headroom": {"headroom": 0},
    "most headroom": {"headroom": 32},
    "ripple adders": {"adder": "ripple"},
    "operators": {"arith": "operators"},
    "4:2 compressors": {"compressor": "4:2"},
    "delays of cells": {"timing": "cells", "full_adder": "mixed"},
    "majority gates": {
        "timing": "cells", "full_adder": "majority", "compressor": "dadda", "adder": "kogge-stone",
    },
    "one stage": {"stages": 1},
    "no clock gating": {"clock_gating": "none", "headroom": 3},
    "enables": {"clock_gating": "enable", "headroom": 6},
    "clock gate cells": {"clock_gating": "cell"},
    "dot product": {"length": 3},
    "matrix": {"act_width": 4, "weight_width": 4, "length": 2, "rows": 3},
    "one stage, dot product": {"stages": 1, "length": 2, "act_signed": True},
}  # fmt: skip
"""What sets a variant apart from the default of its design; a new parameter needs a line here."""


def design_variants(
    designs: Mapping[str, tuple[Any, ...]], own: Mapping[str, Mapping[str, Any]]
) -> Variants:
    """Return the variants of each published design.

    Parameters
    ----------
    designs
        The parameter that makes different designs of a style, with its values; empty if none does.
    own
        Kinds of this style alone.
    """
    each = [{name: value} for name, values in designs.items() for value in values] or [{}]
    return {
        (", ".join(f"{key}={value}" for key, value in design.items()), kind): {**design, **what}
        for design in each
        for kind, what in {**KINDS, **own}.items()
    }
