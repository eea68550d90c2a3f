"""Units made of units: names of nested parameters, the old flat ones, and what is refused."""

import copy
import json
import pickle
import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from macsmith.array.dot_product import MACS
from macsmith.array.engine.spec import EngineSpec
from macsmith.array.spec import SystolicSpec
from macsmith.catalog.catalog import make_spec, spec_of_parameters
from macsmith.catalog.settings import spec_of
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.contract.nested_spec import NestedSpec, nested
from macsmith.contract.unit import UnitSpec
from macsmith.mac.ebsp.spec import EbspSpec
from macsmith.mac.parallel.data_gated import DataGatedSpec
from macsmith.mac.parallel.subword_st import SubwordStSpec
from macsmith.mac.serial.serial_1d import Serial1dSpec


@dataclass(frozen=True, kw_only=True)
class Floating(UnitSpec):
    """A unit of a family that has nothing of a MAC."""

    exponent: int = 4
    rounding: str = "even"

    def operations(self, point: Any) -> int:
        return 1

    def latency(self, point: Any) -> int:
        return 1

    def inputs(self, point: Any) -> dict[str, Any]:
        return {}

    outputs = inputs


@dataclass(frozen=True, kw_only=True)
class Posit(Floating):
    """Another one, with a parameter of its own."""

    regime: int = 2


KINDS = {"float": Floating, "posit": Posit}


@dataclass(frozen=True, kw_only=True, init=False)
class Pair(NestedSpec):
    """Two of them."""

    first: Floating = nested("float", KINDS, flat=("exponent",))  # noqa: RUF009
    second: Floating = nested("posit", KINDS)  # noqa: RUF009
    lanes: int = 4
    names: tuple[str, ...] = field(default_factory=tuple)
    own: int

    operations, latency = Floating.operations, Floating.latency
    inputs = outputs = Floating.inputs


Parameters = dict[str, Any]
EBSP = {"mac": "ebsp", "weight_width": 6}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"act_width": 4}, {"mac.act_width": 4}),
        (EBSP | {"lut": "whole"}, EBSP | {"mac.lut": "whole"}),
        ({"mac": "ebsp", "mac.weight_width": 6, "mac.lut": "whole"}, EBSP | {"lut": "whole"}),
        ({"mac": DataGatedSpec(modes=(Mode.parse("8x8"),), stages=1, clock_gating="enable")}, {}),
        ({"mac": SubwordStSpec(levels=1), "stages": 1, "clock_gating": "none",
          "modes": (Mode.parse("8x8"),)},
         {"mac": "subword-st", "mac.levels": 1, "clock_gating": "none"}),
    ],
)  # fmt: skip
def test_names_of_one_array(one: Parameters, other: Parameters) -> None:
    for unit, prefix in (("systolic", ""), ("systolic-engine", "array.")):
        specs = [make_spec(unit, one), make_spec(unit, other)]
        specs.append(make_spec(unit, {f"{prefix}{name}": value for name, value in other.items()}))
        assert specs[0] == specs[1] == specs[2]
        assert len(set(map(hash, specs))) == 1
        assert specs[0] != make_spec(unit, {"rows": 5})


def test_settings_have_the_types_of_nested_parameters() -> None:
    spec = spec_of("systolic", ["mac=ebsp", "mac.lut=whole", "mac.weight_width=6", "modes=8x6"])
    assert spec == SystolicSpec(mac="ebsp", lut="whole", weight_width=6)
    engine = spec_of(
        "systolic-engine", ["array.mac=subword-st", "array.mac.levels=1", "array.rows=4",
                            "array.mac.modes=8x8,4x4", "act_signed=yes", "act_depth=16"],
    )  # fmt: skip
    assert (engine.array.rows, engine.array.mac.levels, engine.act_depth) == (4, 1, 16)
    assert engine.array.mac.act_signed is True
    assert [str(mode) for mode in engine.points] == ["8x8", "4x4"]


@pytest.mark.parametrize(
    ("unit", "setting", "sentence"),
    [
        ("systolic", "mac.lutt=bank",
         "parameter must be one that systolic has, not 'mac.lutt'; did you mean mac.lut"),
        ("systolic", "mac.levels=1",
         "parameter must be one that mac = data-gated has, not 'mac.levels'; did you "
         "mean mac.modes"),
        ("systolic", "mac.headroom=3",
         "parameter must be one that systolic has, not 'mac.headroom'"),
        ("systolic", "mac.act_width=many", "mac.act_width must be a whole number, not 'many'"),
        ("systolic", "mac.act_signed=maybe", "mac.act_signed must be true or false, not 'maybe'"),
        ("systolic", "mac.act_width=1", "act_width must be from 2 to 32, not 1; the nearest is 2"),
        ("systolic", "mac=data-gate",
         "mac must be one of data-gated, subword-sa, subword-st, dnc-1d-sa, dnc-1d-st, dnc-2d-sa, "
         "dnc-2d-st, ebsp, fp-dot, not 'data-gate'; did you mean data-gated"),
        ("systolic-engine", "array.mac.lutt=bank",
         "parameter must be one that systolic-engine has, not 'array.mac.lutt'; did you mean "
         "array.mac.lut"),
        ("systolic-engine", "array.rows=0", "rows must be from 1 to 256, not 0; the nearest is 1"),
        ("systolic-engine", "array.dataflow=weight", "dataflow must be one of output, not 'weight'"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_sentence(unit: str, setting: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        spec_of(unit, [setting])
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"lanes": 2}, "parameter must be one that SystolicSpec has, not 'lanes'"),
        ({"mac.luts": 2}, "parameter must be one that SystolicSpec has, not 'mac.luts'; did you "
                          "mean mac.lut"),
        ({"act_width": 4, "mac.act_width": 4},
         "parameter must be given once, not both as act_width and as mac.act_width"),
        ({"mac": Serial1dSpec()}, "mac must be one of data-gated, subword-sa, "),
        ({"mac": SubwordStSpec(), "mac.pattern": 2},
         "parameter must be one that mac = subword-st has, not 'mac.pattern'"),
        ({"mac": EbspSpec(), "mac.levels": 2},
         "parameter must be one that mac = ebsp has, not 'mac.levels'"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_one_sentence(parameters: Parameters, sentence: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}"):
        SystolicSpec(**parameters)


def test_both_names_of_one_parameter_within_an_engine() -> None:
    for pair in (("lut", "mac.lut"), ("lut", "array.lut"), ("mac.lut", "array.mac.lut")):
        with pytest.raises(UserError, match=r"^parameter must be given once, not both as "):
            EngineSpec(**dict.fromkeys(pair, "bank"), **EBSP)


@pytest.mark.parametrize("mac", MACS)
def test_parameters_make_an_equal_specification(mac: str) -> None:
    own = {"subword-sa": {"levels": 1}, "ebsp": {"lut": "bank"}}.get(mac, {})
    chosen = {"mac": mac, "rows": 5} | {f"mac.{name}": value for name, value in own.items()}
    floating = mac == "fp-dot"
    for unit in ("systolic", "systolic-engine")[: 1 if floating else 2]:
        spec = make_spec(unit, chosen)
        values = json.loads(json.dumps(spec.parameters()))
        points = values["mac.formats" if floating else "modes"]
        assert values["mac"] == mac and points == [str(point) for point in spec.points]
        assert "array" not in values and (floating or points == ["8x8"])
        assert set(values) <= set(spec.parameter_names()) <= set(spec.parameter_types())
        assert [spec_of_parameters(unit, values), make_spec(unit, chosen)] == [spec, spec]
        assert copy.deepcopy(spec) == pickle.loads(pickle.dumps(spec)) == spec


def test_the_names_of_before_are_listed_and_the_others_have_a_prefix() -> None:
    before = {
        "act_width": 8, "weight_width": 8, "act_signed": False, "weight_signed": True,
        "acc_width": 32, "a": 1, "b": 1, "c": 1, "rows": 8, "cols": 8, "sparsity": "dense",
        "block": 8, "nonzeros": 4, "act_nonzeros": 4, "dataflow": "output", "depth": 256,
        "mac": "data-gated", "pattern": 3, "lut": "digits-4", "modes": ["8x8"], "adder": "auto",
        "arith": "heap", "compressor": "3:2", "stages": 1, "clock_gating": "enable",
    }  # fmt: skip
    assert SystolicSpec().parameters() == before
    assert SystolicSpec(mac="dnc-2d-st").parameters() == before | {
        "mac": "dnc-2d-st", "mac.levels": 2,
    }  # fmt: skip
    assert EngineSpec().parameters() == before | {
        "act_depth": 1024, "weight_depth": 1024, "channel_depth": 256, "out_lanes": 4,
        "out_width": 8, "out_signed": False,
    }  # fmt: skip


def test_flat_names_are_read_only_attributes() -> None:
    spec = EngineSpec(mac="ebsp", weight_width=6, rows=4)
    assert (spec.rows, spec.weight_width, spec.lut) == (4, 6, "digits-4")
    assert spec.mac is spec.array.mac and spec.mac.pattern == spec.pattern == 3
    # A parameter that the MACs have not is that of those that have it.
    assert (SystolicSpec(pattern=5).pattern, SystolicSpec(lut="bank")) == (3, SystolicSpec())
    with pytest.raises(AttributeError, match=r"^cannot assign to field 'rows'$"):
        spec.rows = 5
    with pytest.raises(AttributeError, match=r"^EngineSpec has no attribute 'levels'$"):
        _ = spec.levels


def test_replacing_changes_what_is_named_alone() -> None:
    spec: Any = SystolicSpec(mac="ebsp", weight_width=6, b=4, act_signed=True)
    other = replace(spec, lut="whole", b=2)
    assert other == SystolicSpec(mac="ebsp", weight_width=6, b=2, act_signed=True, lut="whole")
    assert (spec.mac.length, other.mac.length) == (4, 2)
    changes: dict[str, Any] = {"array.mac.act_width": 8, "cols": 2}
    engine = replace(EngineSpec(rows=4), **changes)
    assert engine == EngineSpec(rows=4, cols=2)
    assert replace(EngineSpec(rows=4), array=SystolicSpec(cols=2)) == EngineSpec(cols=2)


def test_the_array_decides_on_length_and_width_of_its_macs() -> None:
    mac = DataGatedSpec(length=7, rows=2, headroom=1, modes=(Mode.parse("8x8"),))
    spec = SystolicSpec(mac=mac, b=4, acc_width=24)
    assert (spec.mac.length, spec.mac.rows, spec.mac.acc_width) == (4, 1, 24)
    assert spec.mac.stages == mac.stages and spec.mac.headroom == 24 - 18


def test_any_family_nests() -> None:
    pair = Pair(**{"exponent": 5, "second.regime": 3, "first": "posit", "own": 7})
    assert pair == Pair(first=Posit(exponent=5), second=Posit(regime=3), own=7)
    assert pair.parameters() == {
        "first": "posit", "exponent": 5, "first.regime": 2, "first.rounding": "even", "lanes": 4,
        "second": "posit", "second.exponent": 4, "second.regime": 3, "second.rounding": "even",
        "names": (), "own": 7,
    }  # fmt: skip
    assert Pair.of_parameters(pair.parameters()) == pair
    with pytest.raises(TypeError, match=r"^Pair needs own$"):
        Pair()
    types = Pair.parameter_types()
    assert (types["second.regime"], types["first"], types["lanes"]) == (int, str, int)
    with pytest.raises(UserError, match=r"not 'second.regimes'; did you mean second.regime$"):
        Pair(**{"second.regimes": 1})
