"""The EBSP MAC: exact on legal weights, and as documented on others."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from macsmith.catalog.catalog import build, make_spec
from macsmith.contract.errors import UserError
from macsmith.formats.ebsp_codes import FORMS, code_bits, encode, leading
from macsmith.formats.ebsp_values import legal_weights
from macsmith.formats.stream_words import pack
from macsmith.golden.catalog import golden
from macsmith.mac.ebsp.spec import LUTS
from macsmith.mac.ebsp.weight_steering import kept
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.mac_source import MacSource
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.cocotb_runner import run_bench
from tests.support.sample import every
from tests.support.simulators import quick_simulator, simulators

KINDS = [
    (bits, pattern, act_signed)
    for bits in (4, 5, 6, 8)
    for pattern in range(1, min(4, bits - 1) + 1)
    for act_signed in (False, True)
]
"""Bits of a weight and of its pattern, and whether activations are signed."""

STEERINGS = ("stored", "load", "datapath")
EXACT = [lut for lut in LUTS if lut != "dual-window"]


class Multipliers(wiring.Component):
    """Multipliers of all kinds that share their operands: codes of `FORMS`, two's complement."""

    def __init__(self, bits: int, pattern: int, act_signed: bool) -> None:
        self.multipliers: dict[str, Any] = {}
        for lut in LUTS:
            for steering in STEERINGS:
                spec = make_spec("ebsp", {
                    "lut": lut, "steering": steering, "weight_width": bits, "pattern": pattern,
                    "act_signed": act_signed,
                })  # fmt: skip
                name = f"{lut}_{steering}".replace("-", "_")
                self.multipliers[name] = build("ebsp", spec, "multiplier")
        super().__init__(
            {"act": In(8), "weight": In(bits)}
            | {form: In(code_bits(bits, pattern, form)) for form in FORMS}
            | {name: Out(8 + bits) for name in self.multipliers}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        encoded = {}
        for name, multiplier in self.multipliers.items():
            m.submodules[name] = multiplier
            spec = multiplier.spec
            if spec.steering == "load" and spec.code not in encoded:
                # What the unit's feeder does on the way into the register.
                (encoded[spec.code],) = kept(m, [self.weight], spec)
            weight = {
                "stored": getattr(self, spec.code),
                "load": encoded.get(spec.code),
                "datapath": self.weight,
            }[spec.steering]
            m.d.comb += [
                multiplier.act.eq(self.act),
                multiplier.weight.eq(weight),
                getattr(self, name).eq(multiplier.result),
            ]
        return m


@cache
def multipliers(bits: int, pattern: int, act_signed: bool) -> GateEngine:
    with TemporaryDirectory() as folder:
        text = to_rtlil(Multipliers(bits, pattern, act_signed), "top")
        return GateEngine(read_netlist(text, "top", Path(folder)))


def pairs(bits: int, act_signed: bool, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    acts = np.arange(256) - 128 * act_signed
    return tuple(grid.reshape(-1) for grid in np.meshgrid(acts, weights))


def products(
    bits: int, pattern: int, act_signed: bool, acts: np.ndarray, weights: np.ndarray, name: str
) -> np.ndarray:
    gates = multipliers(bits, pattern, act_signed)
    gates.reset(len(acts))
    gates.set("act", acts & 255)
    if name.endswith("stored"):
        for form in FORMS:
            gates.set(form, encode(weights, bits, pattern, form))
    gates.set("weight", weights & ((1 << bits) - 1))
    raw = gates.get(name).astype(np.int64)
    return raw - (raw >> (7 + bits) << (8 + bits))


@pytest.mark.parametrize(("bits", "pattern", "act_signed"), every(4, KINDS))
def test_every_legal_product_is_exact(bits: int, pattern: int, act_signed: bool) -> None:
    acts, weights = pairs(bits, act_signed, legal_weights(bits, pattern))
    for lut in EXACT:
        for steering in STEERINGS:
            name = f"{lut}_{steering}".replace("-", "_")
            got = products(bits, pattern, act_signed, acts, weights, name)
            assert (got == acts * weights).all(), name


@pytest.mark.parametrize(("bits", "pattern", "act_signed"), every(4, KINDS))
def test_what_lies_below_a_window_is_dropped(bits: int, pattern: int, act_signed: bool) -> None:
    half = 1 << (bits - 1)
    acts, weights = pairs(bits, act_signed, np.arange(-half, half))
    expected = np.array([cut(int(weight), bits, pattern) for weight in weights])
    lost = np.abs(weights - expected)[weights > -half]
    assert (lost < np.maximum(np.abs(weights[weights > -half]), 1) * 2.0 ** (1 - pattern)).all()
    for lut in EXACT:
        for steering in ("load", "datapath"):
            name = f"{lut}_{steering}".replace("-", "_")
            got = products(bits, pattern, act_signed, acts, weights, name)
            assert (got == acts * expected).all(), name


def cut(weight: int, bits: int, pattern: int) -> int:
    """Return a weight without what lies below its window, by its binary digits."""
    digits = f"{abs(weight):b}"
    if len(digits) == bits:
        return 0  # -2^(bits - 1)
    sign = -1 if weight < 0 else 1
    return sign * int(digits[:pattern] + "0" * len(digits[pattern:]), 2)


@pytest.mark.parametrize("act_signed", [False, True])
@pytest.mark.parametrize(("bits", "pattern"), [(6, 3), (8, 4)])
def test_a_dual_window_cuts_both_operands(bits: int, pattern: int, act_signed: bool) -> None:
    acts, weights = pairs(bits, act_signed, legal_weights(bits, pattern))
    expected = leading(acts, pattern) * weights
    assert (expected != acts * weights).any()
    for steering in ("stored", "datapath"):
        name = f"dual_window_{steering}"
        assert (products(bits, pattern, act_signed, acts, weights, name) == expected).all()
    # Each operand loses less than 2^-(L-1) of itself.
    assert (
        np.abs(expected - acts * weights) <= np.abs(acts * weights) * 2.0 ** (1 - pattern)
    ).all()


@simulators
def test_default_unit_passes(simulator: str, tmp_path: Path) -> None:
    runs = run_bench("ebsp", make_spec("ebsp"), simulator, tmp_path, seed=3, packets=300)
    assert {run.mode for run in runs} == {"8x6", "mixed"}
    assert sum(run.vectors for run in runs) > 1000
    assert not any(run.mismatches for run in runs)


@pytest.mark.parametrize(
    "parameters",
    [
        {"steering": "stored", "lut": "signed-digits", "act_signed": True, "weight_width": 8},
        pytest.param(
            {"lut": "signed-digits", "pattern": 2, "weight_width": 5}, marks=pytest.mark.slow
        ),
        pytest.param(
            {"lut": "signed-digits", "pattern": 4, "weight_width": 8, "length": 2},
            marks=pytest.mark.slow,
        ),
        {"steering": "datapath", "lut": "bank", "rows": 3, "length": 2, "stages": 1},
        {"lut": "dual-window", "modes": "8x6,4x6", "act_width": 8, "clock_gating": "cell"},
        pytest.param(
            {"weight_width": 16, "act_width": 16, "pattern": 5, "lut": "bank", "headroom": 0},
            marks=pytest.mark.slow,
        ),
        pytest.param({"lut": "shared-rows", "act_signed": True}, marks=pytest.mark.slow),
        {"lut": "shared-rows", "weight_width": 7, "pattern": 2, "length": 2, "rows": 2},
    ],
)
def test_other_units_pass(parameters: dict[str, Any], tmp_path: Path) -> None:
    from macsmith.contract.modes import Mode

    if "modes" in parameters:
        modes = tuple(map(Mode.parse, parameters["modes"].split(",")))
        parameters = {**parameters, "modes": modes}
    runs = run_bench("ebsp", make_spec("ebsp", parameters), quick_simulator(), tmp_path, packets=60)
    assert runs and not any(run.mismatches for run in runs)


def test_random_weights_are_legal_and_every_one_comes() -> None:
    spec = make_spec("ebsp", {"weight_width": 7, "pattern": 2})
    source = MacSource(spec, golden("ebsp", spec), 0, np.random.default_rng(1))
    weights = source.uniform(500, 8).fields["w"]
    assert (np.unique(weights) == legal_weights(7, 2)).all()


def test_stored_weights_without_a_code_are_refused() -> None:
    spec = make_spec("ebsp", {"steering": "stored"})
    with pytest.raises(UserError, match="not 11 = 1011; the nearest is 12 = 1100"):
        pack(spec.inputs(spec.modes[0])["i"], {"a": np.array([[1]]), "w": np.array([[11]])})


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"weight_width": 2}, "weight_width must be from 3 to 16, not 2; the nearest is 4"),
        ({"pattern": 6}, "pattern must be from 1 to 5, not 6; the nearest is 5"),
        (
            {"weight_width": 8, "pattern": 6, "lut": "bank"},
            "pattern must be at most 5 for lut=bank",
        ),
        ({"act_width": 2, "lut": "dual-window"}, "pattern must be at most act_width = 2 for"),
        ({"lut": "table"}, "lut must be one of digits-4, digits-2, whole, bank, signed-digits"),
        ({"steering": "store"}, "steering must be one of load, stored, datapath, not 'store'; did"),
        ({"weight_signed": False}, "weight_signed must be true for EBSP"),
    ],
)
def test_specifications_that_cannot_be(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as error:
        make_spec("ebsp", parameters)
    assert sentence in str(error.value)
