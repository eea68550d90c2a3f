"""The golden models: independent of the hardware, and right by hand and by naive loops."""

import ast

import numpy as np
import pytest

from macsmith.catalog.catalog import compared, make_spec, units
from macsmith.contract.modes import Mode
from macsmith.formats.stream_words import operand_range, pack, words_to_ints
from macsmith.golden.catalog import golden
from macsmith.host.int64s import wrap
from tests.support.checkout import ROOT

HARDWARE = {path.stem for path in (ROOT / "hw/macsmith").iterdir() if path.stem != "__pycache__"}

LIST_OF_MODELS = {("catalog.py", "macsmith.catalog.catalog.lookup")}
"""What finds the model of a unit by the unit's entry, and models nothing."""


def test_models_import_nothing_from_the_hardware() -> None:
    files = sorted((ROOT / "sim/macsmith/golden").rglob("*.py"))
    assert files
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                assert name.split(".")[0] in {
                    "abc", "collections", "dataclasses", "typing", "numpy", "macsmith",
                }  # fmt: skip
                if name.startswith("macsmith.") and (path.name, name) not in LIST_OF_MODELS:
                    assert name.split(".")[1] not in HARDWARE, f"{path.name} imports {name}"


def test_every_unit_has_a_model() -> None:
    for name, unit in units().items():
        model = golden(name, make_spec(name))
        assert type(model).__name__ == unit.golden.partition(":")[2]


@pytest.mark.parametrize("name", compared())
@pytest.mark.parametrize("act_signed", [False, True])
@pytest.mark.parametrize("weight_signed", [False, True])
def test_layout_agrees_with_the_specification(
    name: str, act_signed: bool, weight_signed: bool
) -> None:
    odd = tuple(map(Mode.parse, ("8x12", "5x3", "1x1", "8x3", "3x12", "4x6", "2x3")))
    for modes in ((), odd):
        spec = make_spec(name, {
            "act_width": 12, "weight_width": 12, "act_signed": act_signed,
            "weight_signed": weight_signed, "modes": modes, "headroom": 3,
        })  # fmt: skip
        model = golden(name, spec)
        for mode in spec.modes:
            lanes = model.lanes(mode)
            assert lanes.acts == spec.act_lanes(mode)
            assert lanes.weights == spec.weight_lanes(mode)
            assert lanes.slots == spec.slots(mode)
            assert model.acc_bits(mode) == spec.acc_bits(mode)


def test_wrap_is_two_s_complement() -> None:
    values = np.arange(-40, 40)
    assert wrap(values, 4, signed=True).tolist() == [(v + 8) % 16 - 8 for v in values]
    assert wrap(values, 4, signed=False).tolist() == [v % 16 for v in values]
    assert wrap(values, 63, signed=True).tolist() == values.tolist()


@pytest.mark.parametrize("name", compared())
def test_sums_are_those_of_plain_integers(name: str) -> None:
    spec = make_spec(name, {"headroom": 1})
    model, rng = golden(name, spec), np.random.default_rng(3)
    for mode in spec.modes:
        lanes = model.lanes(mode)
        acts = rng.integers(*operand_range(mode.act_bits, False), (5, 6, lanes.acts), endpoint=True)
        weights = rng.integers(
            *operand_range(mode.weight_bits, True), (5, 6, lanes.weights), endpoint=True
        )
        sums = np.zeros((5, lanes.slots), object)
        for index in np.ndindex(5, 6):
            for slot, pairs in enumerate(pairing(lanes)):
                for act, weight in pairs:
                    sums[index[0], slot] += int(acts[index][act]) * int(weights[index][weight])
        half = 1 << (model.acc_bits(mode) - 1)
        expected = (sums + half) % (2 * half) - half
        assert (model.accumulate(mode, acts, weights) == expected).all()


def pairing(lanes) -> list[list[tuple[int, int]]]:
    """Return, for each slot, the lanes whose products it sums."""
    if lanes.slots == 1:
        return [[(lane, lane) for lane in range(lanes.acts)]]
    if lanes.slots == lanes.acts == lanes.weights:
        return [[(lane, lane)] for lane in range(lanes.acts)]
    return [[(act, weight)] for act in range(lanes.acts) for weight in range(lanes.weights)]


def test_worked_examples() -> None:
    """Hand-worked: four 4x4 products, 15 * -8 each, and their wrap after many beats."""
    spec = make_spec("dnc-2d-st")
    model, mode = golden("dnc-2d-st", spec), Mode.parse("4x4")
    acts, weights = np.full((1, 1, 4), 15), np.full((1, 1, 4), -8)
    assert model.accumulate(mode, acts, weights).tolist() == [[-480]]
    # 14 bits hold -8192 to 8191: the 18th beat of -480 passes -8640 and wraps.
    many = model.accumulate(mode, np.repeat(acts, 18, 1), np.repeat(weights, 18, 1))
    assert many.tolist() == [[-8640 + 16384]]
    # Sum apart: lane k keeps its own product.
    apart = golden("subword-sa", make_spec("subword-sa"))
    pairs = apart.accumulate(mode, np.array([[[15, 1]]]), np.array([[[-8, 7]]]))
    assert pairs.tolist() == [[-120, 7]]


def test_payload_fields_are_in_natural_order() -> None:
    spec = make_spec("dnc-2d-st")
    mode = spec.modes.index(Mode.parse("4x4"))
    acts, weights = np.array([[1, 2, 3, 4]]), np.array([[-1, 0, 7, -8]])
    layout = spec.inputs(spec.modes[mode])["i"]
    beat = words_to_ints(pack(layout, {"a": acts, "w": weights}, mode, np.array([True])))[0]
    assert beat & 0xFFFF == 0x4321
    assert beat >> 32 & 0xFFFF == 0x870F
    assert beat >> 64 == 0b1_011


def test_result_is_extended_from_the_last_slot() -> None:
    spec = make_spec("subword-sa")
    layout = spec.outputs(Mode.parse("4x4"))["o"]
    assert layout["acc"].bits == 12
    word = words_to_ints(pack(layout, {"acc": np.array([[5, -1]])}))[0]
    assert word == 0xFFFF_F005
    unsigned = make_spec("subword-sa", {"weight_signed": False})
    layout = unsigned.outputs(Mode.parse("4x4"))["o"]
    word = words_to_ints(pack(layout, {"acc": np.array([[5, 1]])}))[0]
    assert word == 0x0000_1005


def test_field_may_cross_words() -> None:
    spec = make_spec("data-gated", {"act_width": 16, "weight_width": 16, "headroom": 32})
    value = np.array([[-(1 << 60)]])
    word = words_to_ints(pack(spec.outputs(spec.modes[0])["o"], {"acc": value}))[0]
    assert word == (1 << 64) - (1 << 60)
