"""The list of `verify --all`: it is complete, and what is left out of it is left out by a rule."""

import pytest

from macsmith.array.pruning.spec import DapSpec
from macsmith.catalog.catalog import lookup, units
from macsmith.contract.unit import DEFAULT
from macsmith.mac.design_variants import KINDS
from macsmith.mac.ebsp.spec import LUTS
from macsmith.mac.styles import STYLES
from macsmith.verify.variants import Variant, refusals, variants

BOTH_CUT = "subword-sa subword-st dnc-2d-sa dnc-2d-st"
FREE_BOTH_CUT = "subword-sa dnc-2d-sa dnc-2d-st"
WEIGHT_CUT = "dnc-1d-sa dnc-1d-st"
REFUSED = [
    ("6 bits", BOTH_CUT, "levels=2", "act_width must be a multiple of 4 for levels=2, not 6; the nearest below is 4"),
    ("6 bits", WEIGHT_CUT, "levels=2", "weight_width must be a multiple of 4 for levels=2, not 6; the nearest below is 4"),
    ("odd activation", FREE_BOTH_CUT, "levels=1", "act_width must be a multiple of 2 for levels=1, not 7; the nearest below is 6"),
    ("odd activation", FREE_BOTH_CUT, "levels=2", "act_width must be a multiple of 4 for levels=2, not 7; the nearest below is 4"),
    *(
        ("odd activation", "subword-st", f"levels={levels}", f"act_width must be a multiple of {2 * levels} for levels={levels}, not 7; the nearest is 8")
        for levels in (1, 2)
    ),
    ("odd widths", BOTH_CUT, "levels=1", "act_width must be a multiple of 2 for levels=1, not 7; the nearest below is 6"),
    ("odd widths", BOTH_CUT, "levels=2", "act_width must be a multiple of 4 for levels=2, not 7; the nearest below is 4"),
    ("odd widths", WEIGHT_CUT, "levels=1", "weight_width must be a multiple of 2 for levels=1, not 5; the nearest below is 4"),
    ("odd widths", WEIGHT_CUT, "levels=2", "weight_width must be a multiple of 4 for levels=2, not 5; the nearest below is 4"),
    *(
        (kind, "subword-st", f"levels={levels}", f"weight_width must equal act_width, for blocks of one weight on the anti-diagonal, not {widths}")
        for levels in (1, 2)
        for kind, widths in (("wide activation", "4 beside 12"), ("wide weight", "8 beside 4"))
    ),
    *(
        (kind, "ebsp", f"lut={lut}", "weight_signed must be true for EBSP, whose weights have a sign and a magnitude, not false")
        for lut in LUTS
        for kind in ("both unsigned", "signed activation")
    ),
    *(
        ("odd modes", "ebsp", f"lut={lut}", "modes must have weights of 1 to weight_width = 6 bits, not 8x8")
        for lut in LUTS
    ),
    *(
        (kind, "serial-1d serial-2d", f"digit={digit}", "stages must be 2 for a serial style, whose product is a running sum that needs its register, not 1")
        for digit in (1, 2, 4)
        for kind in ("one stage", "one stage, dot product")
    ),
]  # fmt: skip


PUBLISHED = (
    "data-gated", "subword-sa", "subword-st", "dnc-1d-sa", "dnc-1d-st", "dnc-2d-sa", "dnc-2d-st",
    "serial-1d", "serial-2d", "ebsp",
)  # fmt: skip
"""The styles of the published designs, 19 of them, and EBSP in as many as it has tables."""


def test_refused_variants_are_these_and_no_more() -> None:
    expected = {
        (unit, design, kind): sentence
        for kind, names, design, sentence in REFUSED
        for unit in names.split()
    }
    assert refusals(units()) == expected


def test_every_other_variant_is_there() -> None:
    found = variants(STYLES)
    designs = {(entry.unit, entry.design) for entry in found if entry.kind == DEFAULT}
    published = [one for one in designs if one[0] in PUBLISHED]
    assert len(published) == 19 + len(LUTS)
    assert {unit for unit, _ in designs} == set(STYLES)
    own = sum(len(STYLES[unit].spec.own_kinds) for unit, _ in designs)
    assert len(found) == len(designs) * len(KINDS) + own - len(refusals(STYLES))
    assert variants(["serial-1d"]) == [v for v in found if v.unit == "serial-1d"]


@pytest.mark.parametrize("name", STYLES)
def test_every_parameter_is_varied(name: str) -> None:
    varied = {key for what in lookup(name).spec.variants().values() for key in what}
    missing = set(lookup(name).spec.parameter_names()) - varied
    assert not missing, f"macsmith.mac.design_variants.KINDS needs a line for {missing}"


def test_pruning_varies_every_parameter() -> None:
    found = variants(["dap"])
    assert len(found) == len(DapSpec.variants()) and not refusals(["dap"])
    for name in DapSpec.parameter_names():
        assert len({getattr(entry.spec, name) for entry in found}) > 1, name


def test_no_variant_is_another_by_another_name() -> None:
    specs: dict[object, Variant] = {}
    for entry in variants(STYLES):
        assert specs.setdefault((entry.unit, entry.spec), entry) is entry
