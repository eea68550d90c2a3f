"""Processing elements for floating point and integers: merged and separate, against one model."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.bench.bulk import compare, verify_bulk
from macsmith.catalog.catalog import build, make_spec, rtlil
from macsmith.contract.errors import UserError
from macsmith.contract.number_format import FORMATS
from macsmith.formats.number_codes import encode
from macsmith.fp.fp_int.spec import FpIntMergedSpec
from macsmith.golden.catalog import golden
from macsmith.host.plain_folder import plain_folder
from macsmith.host.verification_run import Run
from macsmith.netlist.gate_netlist import read_netlist
from macsmith.netlist.toggles import ToggleCounter
from macsmith.netlist.zero_delay import GateEngine
from macsmith.operands.gate_traffic import beats_of, drive
from macsmith.operands.stimulus import source_of
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.bulk_engine import bulk_engine
from macsmith.rtlsim.cocotb_runner import run_bench
from tests.support.simulators import quick_simulator

BOTH = ("fp-int-merged", "fp-int-separate")

NARROW: dict[str, Any] = {"lanes": 1, "narrow": "e2m3xe3m2"}

SPECS: dict[str, tuple[str, dict[str, Any]]] = {
    "merged": ("fp-int-merged", {**NARROW, "lanes": 2}),
    "merged, 8": ("fp-int-merged", {**NARROW, "ratio": 8, "narrow": "e3m1", "fraction_bits": 25,
                                    "arith": "operators"}),
    "separate": ("fp-int-separate", {**NARROW, "wide": "fp16", "ratio": 1, "lanes": 2,
                                    "rounding": "ties-away"}),
}  # fmt: skip
"""Small ones; variants have the other ratios."""


def right(runs: list[Run]) -> bool:
    """Return whether nothing differs, and say what does."""
    wrong = [run.examples[0].sentence(run.unit, run.mode) for run in runs if run.mismatches]
    assert not wrong, wrong[0]
    return True


@pytest.mark.parametrize("kind", SPECS)
def test_bulk(kind: str) -> None:
    """Packets of all points one after the other, stalled at both ends."""
    name, parameters = SPECS[kind]
    spec = make_spec(name, parameters)
    model, engine, rng = golden(name, spec), bulk_engine(name, spec), np.random.default_rng(5)
    batches = []
    for length in (1, 2, 5):
        for point in rng.permutation(4):
            source = source_of(name, spec, int(point), rng)
            batches += [source.uniform(256, length), source.overflowing(256, length)]
    run = Run(name, spec.parameters(), kind, "bulk", engine.engine, 5)
    for batch, got in zip(batches, engine.stream(spec, batches, 0.3, 5), strict=True):
        compare(run, batch, batch.expected(spec, model), got)
    assert right([run]) and run.vectors == 256 * 2 * 4 * 8


def test_streams(tmp_path: Path) -> None:
    spec = make_spec("fp-int-merged", NARROW)
    runs = run_bench("fp-int-merged", spec, quick_simulator(), tmp_path, seed=2, packets=60)
    assert right(runs) and {run.mode for run in runs} == {*map(str, spec.points), "mixed"}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("kind", [kind for _, kind in FpIntMergedSpec.variants()])
def test_variants(name: str, kind: str) -> None:
    spec = make_spec(name, dict(FpIntMergedSpec.variants()["", kind]))
    engine = bulk_engine(name, spec)
    assert right(verify_bulk(name, spec, golden(name, spec), engine, 4, 4000))


@pytest.mark.parametrize("name", BOTH)
def test_model_by_hand(name: str) -> None:
    """Integers wrap at 16 bits; of 16-bit numbers the product of one lane is never cut."""
    spec = make_spec(name, {"lanes": 1, "wide": "fp16"})
    model = golden(name, spec)
    least = np.full((1, 65, 8), 8)
    (total,) = model.respond(spec.points[2], {"a": least, "b": least}).values()
    assert total.tolist() == [[65 * 8 * 64 - (1 << 16)]]
    # (1 + 2^-10)^2 - (1 + 2^-9) = 2^-20
    one, other = encode(FORMATS["fp16"], np.array([1 + 2**-10, -(1 + 2**-9)]))
    a, b = (
        np.array([[[other], [one]]]),
        np.array([[[encode(FORMATS["fp16"], np.array(1.0))], [one]]]),
    )
    (total,) = model.respond(spec.points[0], {"a": a.reshape(1, 2, 1), "b": b}).values()
    assert total.tolist() == [[int(encode(FORMATS["fp16"], np.array(2.0**-20)))]]


@pytest.mark.parametrize("ratio", [1, 2, 4, 8])
def test_throughput_is_that_of_the_paper(ratio: int) -> None:
    """8 products of FP16 a cycle, 16 of FP8, 64 of INT4 and 128 of INT2, of either element."""
    for name in BOTH:
        spec = make_spec(name, {"lanes": 8, "ratio": ratio})
        found = [spec.operations_per_cycle(point) for point in spec.points]
        assert found == [8, 16, 16 * ratio, 32 * ratio] and spec.latency(spec.points[0]) == 3


def standing(name: str, point: int, before: int) -> set[str]:
    """Return the nets of a lane that stand still at a point, after packets of another."""
    spec = make_spec(name, NARROW)
    with plain_folder() as folder:
        netlist = read_netlist(rtlil(name, spec), "unit", folder)
    unit, rng = GateEngine(netlist), np.random.default_rng(3)
    batches = [source_of(name, spec, one, rng).uniform(64, 6) for one in (before, point, point)]
    unit.reset(64)
    counter = ToggleCounter(unit)
    beats = [beat for batch in batches for beat in beats_of(batch, spec)]
    for cycle, _ in enumerate(drive(unit, beats, pauses=False)):
        if cycle > 11:
            counter.sample()
    lane = {name: rows for name, rows in netlist.nets.items() if name.startswith("lane0.")}
    return {
        name.removeprefix("lane0.")
        for name, rows in lane.items()
        if len(rows) and not counter.counts[rows].any()
    }


def test_what_an_element_does_not_need_stands_still() -> None:
    separate = standing("fp-int-separate", 2, 0)
    assert {"fp_acc", "fp_multiplied_word0", "fp_added_total", "acc_sum_filled"} <= separate
    assert "int_acc" in standing("fp-int-separate", 0, 2) - separate
    merged = standing("fp-int-merged", 2, 0)
    assert {"fp_multiplied_exponent0", "fp_multiplied_word1", "acc_sum_filled"} <= merged
    assert not {"acc", "added_total", "multiplied_word0"} & merged


def test_digits_that_do_not_change_places_are_found(tmp_path: Path) -> None:
    """INT2 whose products are those of the wrong pairs."""
    spec = make_spec("fp-int-merged", NARROW)
    verilog = to_verilog(build("fp-int-merged", spec), "unit")
    broken = verilog.replace("wire [31:0] int_b_paired = ", "wire [31:0] int_b_paired = 1 ^ ")
    assert broken != verilog
    runs = run_bench("fp-int-merged", spec, quick_simulator(), tmp_path, verilog=broken,
                     tests=["random_packets"], packets=40)  # fmt: skip
    assert any(run.mismatches for run in runs)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"ratio": 3}, "ratio must be 1, 2, 4 or 8, not 3"),
        ({"lanes": 9}, "lanes must be from 1 to 8, not 9; the nearest is 8"),
        ({"wide": "bf16"}, "wide must be one of dlfloat16, fp16, not 'bf16'; did you mean fp16"),
        ({"fraction_bits": 17}, "fraction_bits must be from 18 to 48, not 17; the nearest is 18"),
        ({"narrow": "int8"}, "narrow must be of floating-point formats, not int8"),
        ({"narrow": "e2m1"}, "narrow must be of formats of 5 to 8 bits with significands of at most 4, of which a lane takes 2, not e2m1"),
    ],
)  # fmt: skip
def test_refusal(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        make_spec("fp-int-merged", parameters)
    assert str(caught.value) == sentence
