"""Bulk verification: every unit agrees, and a broken one never does."""

import numpy as np
import pytest

from macsmith.bench.bulk import verify_bulk
from macsmith.catalog.catalog import build, compared, make_spec
from macsmith.contract.unit import DEFAULT
from macsmith.golden.catalog import golden
from macsmith.mac.design_variants import KINDS
from macsmith.mac.parallel.data_gated import DataGated, DataGatedSpec
from macsmith.mac.styles import STYLES
from macsmith.mac.unit import MacUnit
from macsmith.operands.mac_source import MacSource
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.bulk_engine import (
    CompiledEngine,
    Engine,
    GatesEngine,
    bulk_engine,
    make_engine,
)
from macsmith.rtlsim.compiled_rtl import CompiledUnit
from macsmith.verify.variants import Variant, variants
from tests.support.broken import (
    AlwaysReady,
    LosesCarry,
    LosesLast,
    LosesSign,
    NeverFirst,
    RefusesOdd,
)
from tests.support.sample import every


def picked() -> list[Variant]:
    """Return, of `verify --all`, every design and every kind at least once."""
    # The defaults of the styles have a test of their own; the kinds go round the designs.
    defaults = [v for v in variants(STYLES) if v.kind == DEFAULT and v.spec != make_spec(v.unit)]
    any_weights = variants(compared())
    of_kind = {
        kind: [v for v in any_weights if v.kind == kind] for kind in KINDS if kind != DEFAULT
    }
    return defaults + [
        those[(number * 5 + 3) % len(those)] for number, those in enumerate(of_kind.values())
    ]


def found(name: str, spec: object, engine: Engine, accumulations: int) -> dict[str, int]:
    """Return the mismatches by mode of a unit."""
    runs = verify_bulk(name, spec, golden(name, spec), engine, 5, accumulations)
    assert all(run.vectors for run in runs)
    return {run.mode: run.mismatches for run in runs}


@pytest.mark.parametrize("name", compared())
def test_default_unit_is_exact_on_every_pair(name: str) -> None:
    spec = make_spec(name)
    runs = verify_bulk(name, spec, golden(name, spec), bulk_engine(name, spec), 1, 4000)
    assert [run.mode for run in runs] == ["8x8", "8x4", "8x2", "4x4", "2x2", "mixed"]
    assert [run.mismatches for run in runs] == [0] * 6
    assert all(run.exhaustive for run in runs[:-1])
    assert runs[0].vectors > 1 << 16


@pytest.mark.parametrize(
    "variant", every(4, picked()), ids=lambda v: f"{v.unit}-{v.design}-{v.kind}"
)
def test_variant_is_exact(variant: Variant) -> None:
    name, spec = variant.unit, variant.spec
    mismatches = found(name, spec, bulk_engine(name, spec), 1000)
    assert not any(mismatches.values()), mismatches


@pytest.mark.parametrize("kind", every(4, DataGatedSpec.own_kinds))
def test_data_gated_is_exact_however_it_is_built(kind: str) -> None:
    spec = make_spec("data-gated", dict(DataGatedSpec.own_kinds[kind]))
    mismatches = found("data-gated", spec, bulk_engine("data-gated", spec), 500)
    assert not any(mismatches.values()), mismatches


def test_variants_picked_touch_every_style_and_kind() -> None:
    assert {v.unit for v in picked() if v.kind != DEFAULT} == set(compared())
    assert {v.kind for v in picked()} == set(KINDS)


@pytest.mark.parametrize("name", every(5, compared()))
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
    engine = make_engine(unit(STYLES[name].core(spec)))
    with pytest.raises(RuntimeError, match="the unit gave fewer results than the"):
        verify_bulk(name, spec, golden(name, spec), engine, 1, 500)


@pytest.mark.parametrize("engine", [CompiledEngine, GatesEngine])
def test_handshake_that_reads_operands_is_found(engine: type[Engine]) -> None:
    spec = make_spec("data-gated")
    unit = RefusesOdd(DataGated(spec))
    in_bits = len(unit.i.payload.as_value())
    run = engine(to_rtlil(unit, "unit"), in_bits, len(unit.o.payload))  # type: ignore[call-arg]
    with pytest.raises(RuntimeError, match="depends on the operands"):
        verify_bulk("data-gated", spec, golden("data-gated", spec), run, 1, 500)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 130])
def test_accumulations_keep_their_order(count: int) -> None:
    spec = make_spec("dnc-1d-sa")
    model = golden("dnc-1d-sa", spec)
    rng = np.random.default_rng(3)
    batches = [
        MacSource(spec, model, mode, rng).uniform(count, length)
        for mode, length in enumerate((2, 1, 3))
    ]
    results = bulk_engine("dnc-1d-sa", spec).stream(spec, batches, stalls=0.3)
    for batch, result in zip(batches, results, strict=True):
        assert (result == batch.expected(spec, model)).all()


@pytest.mark.parametrize("name", compared())
def test_stalls_do_not_change_results_and_cycles_are_the_stated(name: str) -> None:
    spec = make_spec(name)
    unit = build(name, spec)
    in_bits = len(unit.i.payload.as_value())
    compiled = CompiledUnit(to_rtlil(unit, "unit"), in_bits, len(unit.o.payload))
    rng = np.random.default_rng(2)
    for index, mode in enumerate(spec.modes):
        batch = MacSource(spec, golden(name, spec), index, rng).uniform(300, 2)
        beats = batch.payloads(spec)
        free, cycles = compiled.run_timed(beats, 300)
        assert cycles == 600 * spec.cycles(mode) + spec.latency(mode) - spec.cycles(mode) + 1
        stalled, more = compiled.run_timed(beats, 300, stalls=0.4, seed=9)
        assert (free == stalled).all()
        assert more > cycles
