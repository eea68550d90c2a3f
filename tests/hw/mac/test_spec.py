"""Specifications: what they refuse, in whole sentences, and the published layouts."""

import re

import pytest

from macsmith.catalog.catalog import compared, lookup, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode, default_modes
from macsmith.mac.register_groups import clocked

FULL = ("8x8", "8x4", "8x2", "4x4", "2x2")


def modes(*names: str) -> tuple[Mode, ...]:
    return tuple(map(Mode.parse, names))


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("data-gated", {"act_width": 33}, "act_width must be from 2 to 32, not 33; the nearest is 32"),
        ("data-gated", {"weight_width": 1}, "weight_width must be from 2 to 32, not 1; the nearest is 2"),
        ("data-gated", {"act_width": 32, "headroom": 32}, "headroom must leave sums of at most 64 bits where an operand has more than 16, not 32 for 72 bits"),
        ("data-gated", {"compressor": "dadda"}, "compressor must be 3:2 or 4:2 unless timing is cells, not 'dadda'"),
        ("data-gated", {"timing": "cells", "compressor": "4:2"}, "compressor must be 3:2 or dadda where timing is cells, not '4:2'"),
        ("dnc-2d-st", {"full_adder": "mixed"}, "full_adder must be shared unless timing is cells, not 'mixed'"),
        ("data-gated", {"recoding": "both"}, "recoding must be one of none, booth, not 'both'; did you mean booth"),
        ("data-gated", {"stall": "none", "clock_gating": "cell"}, "clock_gating must be none where stall is none, as nothing stops a register there, not 'cell'"),
        ("data-gated", {"headroom": -1}, "headroom must be from 0 to 32, not -1; the nearest is 0"),
        ("data-gated", {"headroom": 1.5}, "headroom must be a whole number from 0 to 32, not 1.5"),
        ("data-gated", {"headroom": True}, "headroom must be a whole number from 0 to 32, not True"),
        ("data-gated", {"act_signed": 1}, "act_signed must be true or false, not 1"),
        ("data-gated", {"modes": modes("9x8")}, "modes must have activations of 1 to act_width = 8 bits, not 9x8"),
        ("data-gated", {"modes": modes("8x0")}, "modes must have weights of 1 to weight_width = 8 bits, not 8x0"),
        ("data-gated", {"modes": modes("8x8", "8x8")}, "modes must name each mode once, not 8x8 twice"),
        ("subword-sa", {"act_width": 1}, "act_width must be from 2 to 16, not 1; the nearest is 4"),
        ("dnc-1d-st", {"act_width": 1}, "act_width must be from 2 to 16, not 1; the nearest is 2"),
        ("dnc-1d-st", {"weight_width": 0}, "weight_width must be from 2 to 16, not 0; the nearest is 4"),
        ("subword-st", {"act_width": 17}, "act_width must be from 2 to 16, not 17; the nearest is 8"),
        ("subword-st", {"act_width": 14}, "act_width must be a multiple of 4 for levels=2, not 14; the nearest below is 8"),
        ("subword-st", {"act_width": 6}, "act_width must be a multiple of 4 for levels=2, not 6; the nearest is 8"),
        ("systolic", {"acc_width": 65}, "acc_width must be from 8 to 64, not 65; the nearest is 48"),
        ("systolic-engine", {"out_lanes": 9999}, "out_lanes must be from 1 to 4096, not 9999; the nearest is 8"),
        ("systolic-engine", {"mac": "fp"}, "mac must be one of data-gated, subword-sa, subword-st, dnc-1d-sa, dnc-1d-st, dnc-2d-sa, dnc-2d-st, ebsp, fp-dot, not 'fp'"),
        ("subword-sa", {"act_width": 1, "modes": modes("6x4")}, "act_width must be from 2 to 16, not 1; the nearest is 8"),
        ("serial-1d", {"digit": 4, "act_width": 1}, "act_width must be from 2 to 16, not 1; the nearest is 4"),
        ("systolic", {"acc_width": 7}, "acc_width must be from 8 to 64, not 7; the nearest is 16"),
        ("subword-sa", {"levels": 3}, "levels must be 1 or 2, not 3; the nearest is 2"),
        ("subword-sa", {"act_width": 6}, "act_width must be a multiple of 4 for levels=2, not 6; the nearest below is 4"),
        ("subword-st", {"weight_width": 4}, "weight_width must equal act_width, for blocks of one weight on the anti-diagonal, not 4 beside 8"),
        ("data-gated", {"adder": "fast"}, "adder must be one of auto, ripple, brent-kung, sklansky, kogge-stone, not 'fast'"),
        ("serial-1d", {"digit": 3}, "digit must be 1, 2 or 4, not 3; the nearest is 2"),
        ("serial-2d", {"digit": 4, "weight_width": 2}, "digit must not exceed the narrower operand's 2 bits, not 4; the nearest is 2"),
        ("data-gated", {"digit": 2}, "parameter must be one that data-gated has, not 'digit'; there are act_width"),
        ("wallace", {}, "unit must be a name of the catalogue, not 'wallace'; there are data-gated"),
        ("serial-3d", {}, "unit must be a name of the catalogue, not 'serial-3d'; did you mean serial-2d"),
    ],
)  # fmt: skip
def test_refusal(name: str, parameters: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        make_spec(name, parameters)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("text", ["8", "8x", "x8", "8x8x8", "eight", "-8x8", ""])
def test_mode_must_be_two_numbers(text: str) -> None:
    rule = "mode must be activation bits x weight bits, such as 8x4, not "
    with pytest.raises(UserError, match=re.escape(rule + repr(text))):
        Mode.parse(text)


def test_default_modes_halve() -> None:
    assert tuple(map(str, default_modes(8, 8))) == FULL
    assert tuple(map(str, default_modes(16, 8))) == ("16x8", "16x4", "16x2", "8x4", "4x2")
    assert tuple(map(str, default_modes(4, 4))) == ("4x4", "4x2", "2x2")
    assert tuple(map(str, default_modes(7, 5))) == ("7x5",)


# Products per cycle, published: reference systems 1.2.
PRODUCTS = {
    ("data-gated", ""): (1, 1, 1, 1, 1),
    ("subword-sa", "levels=1"): (1, 1, 1, 2, 2),
    ("subword-sa", "levels=2"): (1, 1, 1, 2, 4),
    ("subword-st", "levels=1"): (1, 1, 1, 2, 2),
    ("subword-st", "levels=2"): (1, 1, 1, 2, 4),
    ("dnc-1d-sa", "levels=1"): (1, 2, 2, 2, 2),
    ("dnc-1d-sa", "levels=2"): (1, 2, 4, 2, 4),
    ("dnc-1d-st", "levels=1"): (1, 2, 2, 2, 2),
    ("dnc-1d-st", "levels=2"): (1, 2, 4, 2, 4),
    ("dnc-2d-sa", "levels=1"): (1, 2, 2, 4, 4),
    ("dnc-2d-sa", "levels=2"): (1, 2, 4, 4, 16),
    ("dnc-2d-st", "levels=1"): (1, 2, 2, 4, 4),
    ("dnc-2d-st", "levels=2"): (1, 2, 4, 4, 16),
    ("serial-1d", "digit=1"): (1 / 8, 1 / 4, 1 / 2, 1 / 4, 1 / 2),
    ("serial-1d", "digit=2"): (1 / 4, 1 / 2, 1, 1 / 2, 1),
    ("serial-1d", "digit=4"): (1 / 2, 1, 1, 1, 1),
    ("serial-2d", "digit=1"): (1 / 64, 1 / 32, 1 / 16, 1 / 16, 1 / 4),
    ("serial-2d", "digit=2"): (1 / 16, 1 / 8, 1 / 4, 1 / 4, 1),
    ("serial-2d", "digit=4"): (1 / 4, 1 / 2, 1 / 2, 1, 1),
}


@pytest.mark.parametrize(("name", "setting"), PRODUCTS)
def test_products_per_cycle_are_the_published(name: str, setting: str) -> None:
    key, _, value = setting.partition("=")
    spec = make_spec(name, {key: int(value)} if key else {})
    got = tuple(spec.macs_per_cycle(mode) for mode in spec.modes)
    assert got == PRODUCTS[name, setting]


# Register widths, published: total bits of the accumulator, and those alive in each mode.
ACCUMULATORS = {
    "data-gated": (20, (20, 20, 20, 20, 20)),
    "subword-sa": (32, (20, 20, 20, 24, 32)),
    "subword-st": (20, (20, 20, 20, 13, 10)),
    "dnc-1d-sa": (56, (20, 32, 56, 32, 56)),
    "dnc-1d-st": (20, (20, 17, 16, 17, 16)),
    "dnc-2d-sa": (128, (20, 32, 56, 48, 128)),
    "dnc-2d-st": (20, (20, 17, 16, 14, 12)),
    "serial-1d": (20, (20, 16, 14, 16, 14)),
    "serial-2d": (20, (20, 16, 14, 12, 8)),
}


@pytest.mark.parametrize("name", ACCUMULATORS)
def test_accumulator_bits_are_the_published(name: str) -> None:
    spec = make_spec(name)
    total, alive = ACCUMULATORS[name]
    assert spec.acc_width == total
    assert tuple(len(clocked(spec.acc_groups, mode)) for mode in spec.modes) == alive


@pytest.mark.parametrize("name", compared())
def test_without_gating_all_bits_are_clocked(name: str) -> None:
    spec = make_spec(name, {"clock_gating": "none"})
    for mode in spec.modes:
        assert len(clocked(spec.product_groups, mode)) == spec.product_width
        assert len(clocked(spec.acc_groups, mode)) == spec.acc_width


def test_gating_of_the_conventional_mac_stops_idle_accumulator_bits() -> None:
    spec = make_spec("data-gated", {"clock_gating": "enable"})
    assert [len(clocked(spec.acc_groups, mode)) for mode in spec.modes] == [20, 16, 14, 12, 8]


@pytest.mark.parametrize("name", compared())
@pytest.mark.parametrize(("length", "rows"), [(1, 1), (5, 1), (8, 3)])
def test_vector_and_matrix_layouts(name: str, length: int, rows: int) -> None:
    one, spec = make_spec(name), make_spec(name, {"length": length, "rows": rows})
    for mode in spec.modes:
        assert spec.products(mode) == length * rows * one.products(mode)
        assert spec.act_lanes(mode) == length * one.act_lanes(mode)
        assert spec.weight_lanes(mode) == length * rows * one.weight_lanes(mode)
        assert spec.slots(mode) == rows * one.slots(mode)
        assert spec.acc_bits(mode) == one.acc_bits(mode) + (length - 1).bit_length()
        results = spec.acc_source(mode)
        assert len(set(results)) == len(results) == spec.slots(mode) * spec.acc_bits(mode)
        assert max(results) < rows * spec.acc_width


@pytest.mark.parametrize("name", ["serial-1d", "serial-2d"])
def test_a_serial_style_needs_its_product_register(name: str) -> None:
    rule = "^stages must be 2 for a serial style, whose product is a running sum that needs"
    with pytest.raises(UserError, match=rule):
        make_spec(name, {"stages": 1})


@pytest.mark.parametrize("name", compared())
def test_layouts_fit_their_registers(name: str) -> None:
    spec = make_spec(name)
    for mode in spec.modes:
        sources = [source for source in spec.act_source(mode) if source is not None]
        assert sorted(sources) == list(range(spec.act_lanes(mode) * mode.act_bits))
        sources = [source for source in spec.weight_source(mode) if source is not None]
        assert sorted(sources) == list(range(spec.weight_lanes(mode) * mode.weight_bits))
        results = spec.acc_source(mode)
        assert len(set(results)) == len(results) == spec.slots(mode) * spec.acc_bits(mode)
        assert set(results) <= set(spec.acc_alive(mode))
        assert spec.result_width >= len(results)


@pytest.mark.parametrize("name", compared())
def test_entry_states_what_it_is(name: str) -> None:
    entry = lookup(name)
    assert isinstance(make_spec(name), entry.spec)
    assert entry.spec.summary
