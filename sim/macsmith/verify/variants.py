"""The specifications that `verify --all` tries: every published design, varied in each parameter.

A new parameter of a specification needs a line in `KINDS` or `OWN_KINDS`. Kinds that a design
cannot have are left out by the rules of its specification; `refusals` names them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import lookup, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.contract.unit import UnitSpec
from macsmith.mac.ebsp.spec import LUTS
from macsmith.mac.styles import STYLES
from macsmith.verify.array_variants import array_kinds

PUBLISHED: Mapping[str, tuple[Any, ...]] = {"levels": (1, 2), "digit": (1, 2, 4), "lut": LUTS}
"""Parameters that make different designs of a style, with their values."""

DEFAULT = "default"

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
    "one stage": {"stages": 1},
    "no clock gating": {"clock_gating": "none", "headroom": 3},
    "enables": {"clock_gating": "enable", "headroom": 6},
    "clock gate cells": {"clock_gating": "cell"},
    "dot product": {"length": 3},
    "matrix": {"act_width": 4, "weight_width": 4, "length": 2, "rows": 3},
    "one stage, dot product": {"stages": 1, "length": 2, "act_signed": True},
}
"""What sets a variant apart from the default of its design."""

_EBSP = {
    f"{bits} bits in windows of {pattern}{kind}": {"weight_width": bits, "pattern": pattern, **what}
    for bits in (4, 5, 6, 8)
    for pattern in range(1, min(4, bits - 1) + 1)
    for kind, what in (("", {}), (", signed activation", {"act_signed": True}))
}

OWN_KINDS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "ebsp": {
        # The default, and both signed, are among the kinds of all styles.
        **{kind: what for kind, what in _EBSP.items() if "6 bits in windows of 3" not in kind},
        "stored codes": {"steering": "stored", "weight_width": 8, "act_signed": True},
        "detector in the datapath": {"steering": "datapath", "weight_width": 7},
        "codes in a matrix": {"steering": "stored", "length": 2, "rows": 3, "act_width": 4},
    }
}
"""The same for one style."""


@dataclass(frozen=True)
class Variant:
    """One specification to try.

    Members
    -------
    unit:
        Name in the catalogue.
    design:
        The published design, such as ``"levels=2"``; empty for the only one of its style.
    kind:
        A key of `KINDS` or of `OWN_KINDS`.
    """

    unit: str
    design: str
    kind: str
    spec: UnitSpec


def variants(units: Iterable[str] = STYLES) -> list[Variant]:
    """Return the variants of some units, those of a design together, its default first."""
    return [entry for entry in _tried(units) if isinstance(entry, Variant)]


def refusals(units: Iterable[str] = STYLES) -> dict[tuple[str, str, str], str]:
    """Return why (unit, design, kind) cannot be built, for each that cannot."""
    return dict(entry for entry in _tried(units) if not isinstance(entry, Variant))


def _tried(units: Iterable[str]) -> Iterator[Variant | tuple[tuple[str, str, str], str]]:
    for unit in units:
        if issubclass(lookup(unit).spec, SystolicSpec):
            for name, kind, given in array_kinds(unit):
                yield Variant(unit, name, kind, make_spec(unit, given))
            continue
        for design in _designs(unit):
            label = ", ".join(f"{key}={value}" for key, value in design.items())
            for kind, parameters in {**KINDS, **OWN_KINDS.get(unit, {})}.items():
                try:
                    yield Variant(unit, label, kind, make_spec(unit, {**design, **parameters}))
                except UserError as error:
                    yield (unit, label, kind), str(error)


def _designs(unit: str) -> list[dict[str, Any]]:
    names = lookup(unit).spec.parameter_names()
    for name, values in PUBLISHED.items():
        if name in names:
            return [{name: value} for value in values]
    return [{}]
