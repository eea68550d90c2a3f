"""Bulk verification: every unit agrees, and a broken one never does."""

import numpy as np
import pytest
from broken import AlwaysReady, LosesCarry, LosesLast, LosesSign, NeverFirst

from macsmith.bench.bulk import verify_bulk
from macsmith.bench.stimulus import Operands
from macsmith.catalog import CATALOG, build, make_spec
from macsmith.compiled import CompiledUnit
from macsmith.emit import to_rtlil
from macsmith.engine import CompiledEngine, Engine, GatesEngine, make_engine
from macsmith.golden.catalog import golden
from macsmith.mac.data_gated import DataGated
from macsmith.mac.unit import MacUnit
from macsmith.spec import Mode

ODD = tuple(map(Mode.parse, ("8x8", "5x3", "1x1", "3x8", "4x3")))


def fitted(name: str, parameters: dict[str, object]) -> dict[str, object]:
    """Return the parameters with equal operand widths where a style needs them."""
    widths = {"act_width": 8, "weight_width": 8} if name == "subword-st" else {}
    return parameters | widths


SPECS = [
    {"headroom": 0, "act_signed": True},
    {"weight_signed": False, "modes": ODD},
    {"act_signed": True, "weight_signed": False, "headroom": 32, "act_width": 4, "weight_width": 8},
]
VARIANTS = {
    name: "digit" if name.startswith("serial") else "levels"
    for name in CATALOG
    if name != "data-gated"
}
CASES = [
    # The largest unit takes a C++ compiler longest, so it is tried on fewer specifications.
    *(
        (name, fitted(name, spec))
        for name in CATALOG
        for spec in (SPECS[2:] if name == "dnc-2d-sa" else SPECS)
    ),
    *(
        (name, {parameter: value, "act_signed": value == 2})
        for name, parameter in VARIANTS.items()
        for value in ((1,) if parameter == "levels" else (2, 4))
    ),
    ("data-gated", {"act_width": 7, "weight_width": 11, "act_signed": True}),
    ("subword-sa", {"act_width": 16, "weight_width": 12}),
    ("subword-st", {"act_width": 16, "weight_width": 16, "act_signed": True}),
    ("dnc-1d-st", {"act_width": 11, "weight_width": 16}),
    ("dnc-1d-sa", {"act_width": 7, "weight_width": 12, "act_signed": True}),
    ("dnc-2d-st", {"act_width": 12, "weight_width": 16, "levels": 1, "act_signed": True}),
    ("serial-1d", {"act_width": 16, "weight_width": 13, "digit": 4}),
    ("serial-2d", {"act_width": 9, "weight_width": 16, "digit": 2, "act_signed": True}),
]


def found(name: str, spec: object, engine: Engine, accumulations: int) -> dict[str, int]:
    """Return the mismatches by mode of a unit."""
    runs = verify_bulk(name, spec, golden(name, spec), engine, 5, accumulations)
    assert all(run.vectors for run in runs)
    return {run.mode: run.mismatches for run in runs}


@pytest.mark.parametrize("name", CATALOG)
def test_default_unit_is_exact_on_every_pair(name: str) -> None:
    spec = make_spec(name)
    runs = verify_bulk(name, spec, golden(name, spec), make_engine(build(name, spec)), 1, 4000)
    assert [run.mode for run in runs] == ["8x8", "8x4", "8x2", "4x4", "2x2", "mixed"]
    assert [run.mismatches for run in runs] == [0] * 6
    assert all(run.exhaustive for run in runs[:-1])
    assert runs[0].vectors > 1 << 16


@pytest.mark.parametrize(("name", "parameters"), CASES, ids=str)
def test_other_specifications_are_exact(name: str, parameters: dict[str, object]) -> None:
    spec = make_spec(name, parameters)
    mismatches = found(name, spec, make_engine(build(name, spec)), 1000)
    assert not any(mismatches.values()), mismatches


@pytest.mark.parametrize("name", CATALOG)
def test_gates_do_without_a_compiler(name: str) -> None:
    spec = make_spec(name, {"act_width": 4, "weight_width": 4})
    unit = build(name, spec)
    engine = GatesEngine(
        to_rtlil(unit, "unit"), len(unit.i.payload.as_value()), len(unit.o.payload)
    )
    assert engine.engine == "gates"
    assert not any(found(name, spec, engine, 500).values())


def test_engine_without_a_compiler_is_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = build("data-gated", make_spec("data-gated"))
    assert isinstance(make_engine(unit), CompiledEngine)
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert isinstance(make_engine(build("data-gated", unit.spec)), GatesEngine)


@pytest.mark.parametrize("core", [LosesCarry, LosesSign])
def test_broken_arithmetic_is_found(core: type[DataGated]) -> None:
    spec = make_spec("data-gated")
    mismatches = found("data-gated", spec, make_engine(MacUnit(core(spec))), 2000)
    assert mismatches["8x8"] > 0


def test_accumulation_that_never_starts_is_found() -> None:
    spec = make_spec("data-gated")
    mismatches = found("data-gated", spec, make_engine(NeverFirst(DataGated(spec))), 500)
    assert all(mismatches.values()), mismatches


@pytest.mark.parametrize(("unit", "name"), [(LosesLast, "data-gated"), (AlwaysReady, "serial-1d")])
def test_lost_result_is_found(unit: type[MacUnit], name: str) -> None:
    spec = make_spec(name)
    engine = make_engine(unit(CATALOG[name].core(spec)))
    with pytest.raises(RuntimeError, match="the unit gave fewer results than the"):
        verify_bulk(name, spec, golden(name, spec), engine, 1, 500)


@pytest.mark.parametrize("name", CATALOG)
def test_stalls_do_not_change_results_and_cycles_are_the_stated(name: str) -> None:
    spec = make_spec(name)
    unit = build(name, spec)
    in_bits = len(unit.i.payload.as_value())
    compiled = CompiledUnit(to_rtlil(unit, "unit"), in_bits, len(unit.o.payload))
    rng = np.random.default_rng(2)
    for index, mode in enumerate(spec.modes):
        batch = Operands(spec, golden(name, spec), index, rng).uniform(300, 2)
        beats = batch.payloads(spec)
        free, cycles = compiled.run_timed(beats, 300)
        assert cycles == 600 * spec.cycles(mode) + spec.latency(mode) - spec.cycles(mode) + 1
        stalled, more = compiled.run_timed(beats, 300, stalls=0.4, seed=9)
        assert (free == stalled).all()
        assert more > cycles
