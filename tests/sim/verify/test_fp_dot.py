"""The dot-product unit against its golden model: formats, alignments, accumulators, stalls."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.bench.bulk import compare, verify_bulk
from macsmith.catalog.catalog import build, make_spec
from macsmith.catalog.verilog import generate
from macsmith.contract.errors import UserError
from macsmith.contract.number_format import FORMATS
from macsmith.formats.number_codes import decode
from macsmith.formats.stream_words import unpack
from macsmith.fp.dot.design_variants import KINDS
from macsmith.golden.catalog import golden
from macsmith.host.verification_run import Run
from macsmith.operands.batches import Batch
from macsmith.operands.fp_vectors import FpVectors
from macsmith.rtl.emit import to_verilog
from macsmith.rtlsim.bulk_engine import bulk_engine
from macsmith.rtlsim.cocotb_runner import run_bench
from tests.support.simulators import quick_simulator

WINDOW: dict[str, Any] = {"alignment": "window", "fraction_bits": 6}

SPECS: dict[str, dict[str, Any]] = {
    "exact": {"formats": ("e3m2",), "products": 2, "acc": "fp16", "addend": True},
    "raw, specials": {"formats": ("e3m1",), "products": 2, "acc": "raw", "headroom": 2},
    "raw, long": {"formats": ("e5m1xe5m2",), "products": 1, "acc": "raw"},
    "raw, rounded": {"formats": ("e3m1",), "products": 1, "acc": "raw", "result": "bf16",
                     "rounding": "ties-away", "nan": "ones"},
    "early": {**WINDOW, "formats": ("e3m1xe2m3",), "products": 2, "acc": "bf16", "addend": True},
    "late, down": {**WINDOW, "formats": ("e4m1",), "products": 2, "order": "late",
                   "truncation": "down", "rounding": "toward-zero", "acc": "e8m13"},
    "sticky": {**WINDOW, "formats": ("e3m2+normal+number",), "products": 3, "acc": "dlfloat16",
               "truncation": "sticky", "addend": True, "rounding": "ties-away"},
    "slots": {"formats": ("e3m2+nan", "e2m1", "int4"), "products": 2, "acc": "fp16"},
    "microscaling": {**WINDOW, "formats": ("mxfp4", "e2m1"), "products": 2, "acc": "fp16"},
    "nvfp4": {"formats": ("nvfp4",), "products": 2, "acc": "fp16", "addend": True},
    "chunks": {"formats": ("e2m1",), "products": 2, "acc": "fp16", "chunk": 2, "addend": True},
    "twice rounded": {**WINDOW, "formats": ("bf16",), "products": 1, "acc": "dlfloat16", "chunk": 3,
                      "order": "late", "accumulate": "round-then-add"},
}  # fmt: skip
"""Small ones, between them all of the hardware."""


def right(runs: list[Run]) -> bool:
    """Return whether nothing differs, and say what does."""
    wrong = [run.examples[0].sentence(run.unit, run.mode) for run in runs if run.mismatches]
    assert not wrong, wrong[0]
    return True


@pytest.mark.parametrize("kind", SPECS)
def test_bulk(kind: str) -> None:
    spec = make_spec("fp-dot", SPECS[kind])
    runs = verify_bulk("fp-dot", spec, golden("fp-dot", spec), bulk_engine("fp-dot", spec), 3, 400)
    assert right(runs) and [run.mode for run in runs] == [*spec.formats, "mixed"]


def test_streams(tmp_path: Path) -> None:
    spec = make_spec("fp-dot", SPECS["slots"] | {"products": 1, "addend": True})
    runs = run_bench("fp-dot", spec, quick_simulator(), tmp_path, seed=2, packets=60)
    assert right(runs) and {run.mode for run in runs} == {*spec.formats, "mixed"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_variants(kind: str) -> None:
    spec = make_spec("fp-dot", KINDS[kind])
    engine = bulk_engine("fp-dot", spec)
    assert right(verify_bulk("fp-dot", spec, golden("fp-dot", spec), engine, 4, 4000))


NARROW = [fmt.name for fmt in FORMATS.values() if fmt.width <= 8 and fmt.signed]


@pytest.mark.slow
@pytest.mark.parametrize("name", NARROW)
def test_all_pairs_of_narrow_formats(name: str) -> None:
    """Every pair of codes, exactly, as FP16 has their product: with its overflow and its ties."""
    formats = {"mxint8": "mxint8xmxint8"}.get(name, name)
    spec = make_spec("fp-dot", {"formats": (formats,), "products": 1, "acc": "fp16"})
    model, engine = golden("fp-dot", spec), bulk_engine("fp-dot", spec)
    run = Run("fp-dot", spec.parameters(), formats, "bulk", engine.engine, 1)
    source = FpVectors(spec, model, 0, np.random.default_rng(1))
    assert source.enumerable
    for batch in source.enumerated():
        (got,) = engine.stream(spec, [batch])
        compare(run, batch, batch.expected(spec, model), got)
    assert right([run]) and run.vectors >= 1 << 2 * FORMATS[name].width


BLOCKS: dict[str, dict[str, Any]] = {
    "exact": {"formats": ("e4m3fn",)},
    "window of 13": {"formats": ("e4m3fn",), "alignment": "window", "fraction_bits": 13,
                     "acc": "e8m13", "rounding": "toward-zero", "nan": "ones"},
    "half precision": {"formats": ("fp16",)},
    "two halves": {"formats": ("fp16",), "alignment": "window", "rounding": "toward-zero"},
    "nvfp4": {"formats": ("nvfp4",)},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("products", [4, 16, 32])
@pytest.mark.parametrize("kind", BLOCKS)
def test_a_million_blocks(kind: str, products: int) -> None:
    """Random ones and those that strain sums, 1 M over all, in beats that follow one another."""
    spec = make_spec("fp-dot", {**BLOCKS[kind], "products": products, "addend": True})
    model, engine = golden("fp-dot", spec), bulk_engine("fp-dot", spec)
    source = FpVectors(spec, model, 0, np.random.default_rng([products, len(kind)]))
    run = Run("fp-dot", spec.parameters(), kind, "bulk", engine.engine, products)
    for _ in range(4):
        for batch in (source.uniform(1 << 13, 1), source.overflowing(1 << 13, 1)):
            (got,) = engine.stream(spec, [batch])
            compare(run, batch, batch.expected(spec, model), got)
    assert right([run]) and run.vectors == 1 << 16


@pytest.mark.slow
@pytest.mark.parametrize(
    ("acc", "rounding", "chunk", "expected"),
    [
        ("dlfloat16", "nearest-even", 0, 1024), ("dlfloat16", "ties-away", 0, 2048),
        ("dlfloat16", "nearest-even", 64, 4096), ("fp16", "nearest-even", 0, 2048),
        ("fp16", "nearest-even", 64, 4096), ("bf16", "nearest-even", 0, 256),
        ("bf16", "nearest-even", 64, 4096),
    ],
)  # fmt: skip
def test_swamping_on_rtl(acc: str, rounding: str, chunk: int, expected: float) -> None:
    """4096 ones, one a beat: an accumulator of few bits stops, chunks do not."""
    spec = make_spec("fp-dot", {"formats": ("e4m3fn",), "products": 1, "acc": acc,
                                "rounding": rounding, "chunk": chunk})  # fmt: skip
    fields = {name: np.full((1, 4096, 1), 0x38) for name in ("a", "b")}
    if chunk:
        fields["chunk"] = np.zeros((1, 4096, 1), np.int64)
    (got,) = bulk_engine("fp-dot", spec).stream(spec, [Batch("ones", 0, fields)])
    code = unpack(spec.outputs(spec.points[0])["o"], got)["sum"]
    assert decode(spec.acc_format, code).tolist() == [[expected]]


def test_a_lost_sticky_bit_is_found(tmp_path: Path) -> None:
    """A rounding that does not see what lies below the tie."""
    spec = make_spec("fp-dot", SPECS["exact"])
    verilog = to_verilog(build("fp-dot", spec), "unit")
    broken = verilog.replace("wire acc_sum_sticky = ", "wire acc_sum_sticky = 1'h0 & ")
    assert broken != verilog
    tests = ["random_packets"]
    simulator = quick_simulator()
    runs = run_bench("fp-dot", spec, simulator, tmp_path, tests=tests, verilog=broken, packets=200)
    assert any(run.mismatches for run in runs)


def test_header_says_where_fields_lie() -> None:
    text = generate("fp-dot", make_spec("fp-dot", SPECS["microscaling"]), "unit")
    for line in ("i__payload[7:0] a", "i__payload[23:16] scale_a", "i__payload[33:33] last",
                 "point 1: e2m1, a beat holds 2 products of e2m1 and e2m1"):  # fmt: skip
        assert f"// {line}\n" in text, line


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"formats": ("bf16",)}, "alignment must be window for bf16, whose exact sum needs 525 bits, not exact, which takes at most 256"),
        ({"formats": ("tf32", "fp16")}, "alignment must be window for tf32,fp16, whose exact sums need a grid of 531 bits, not exact, which takes at most 256"),
        ({"formats": ("mxfp4",), "products": 24}, "products of mxfp4 must divide its blocks of 32 or be a multiple of them, not 24 a beat"),
        ({"formats": ("mxfp8",), "products": 64}, "alignment must be window for mxfp8 with 64 products a beat, as exponents of blocks differ by more than 256 bits, not exact"),
        ({"formats": ("nvfp4",), "products": 12}, "products of nvfp4 must divide its blocks of 16 or be a multiple of them, not 12 a beat"),
        ({"formats": ("mxfp4",), "acc": "raw"}, "acc must be a floating-point format for mxfp4, whose scales reach over more than 256 bits, not raw"),
        ({"formats": ("e4m4x",)}, "formats must be a format, two with an x between them, or a format of blocks, not 'e4m4x'; did you mean e4m3"),
        ({"formats": ("e8m0",)}, "formats must be of numbers with a sign, not e8m0 in 'e8m0'"),
        ({"formats": ("fp16", "fp16")}, "formats must be one or more, each once, not fp16,fp16"),
        ({"formats": ("nv-e4m3fn",)}, "formats of blocks of NVFP4's kind must have neither NaN nor infinity, as e2m1 has none, not nv-e4m3fn"),
        ({"acc": "raw", "alignment": "window"}, "alignment must be exact for acc=raw, which keeps all bits, not window"),
        ({"acc": "raw", "addend": True}, "addend must be false for acc=raw, which starts from zero, not true"),
        ({"acc": "fp16", "result": "fp32"}, "result must be that of acc = fp16, or acc raw, which is rounded once, not fp32"),
        ({"acc": "raw", "chunk": 4}, "acc must be a floating-point format for chunk=4, as a raw one is not rounded, not raw"),
        ({"accumulate": "round-then-add", "alignment": "window"}, "order must be late for accumulate=round-then-add, as products are added first, not early"),
        ({"products": 65}, "products must be from 1 to 64, not 65; the nearest is 64"),
        ({"fraction_bits": 99}, "fraction_bits must be from 2 to 48, not 99; the nearest is 48"),
        ({"rounding": "down"}, "rounding must be one of nearest-even, ties-away, toward-zero, not 'down'"),
    ],
)  # fmt: skip
def test_refusal(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        make_spec("fp-dot", parameters)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("formats", "bits", "lsb"),
    [
        ("fp16", 86, -48), ("e5m2", 70, -32), ("e5m2xe4m3fn", 56, -25), ("e4m3fn", 42, -18),
        ("e4m3fnxe2m1", 28, -10), ("e3m2", 24, -8), ("e3m2xe2m3", 21, -7), ("e2m3", 18, -6),
        ("mxint8", 21, -12), ("e2m1", 14, -2), ("hfp8-fwd", 44, -28),
    ],
)  # fmt: skip
def test_grids_are_the_published_ones(formats: str, bits: int, lsb: int) -> None:
    """MXINT8 has a bit more: its least code, -2, is a number like any other here."""
    spec = make_spec("fp-dot", {"formats": (formats,), "products": 32})
    assert (spec.grid_bits, spec.grid_lsb) == (bits, lsb)


def test_products_by_format() -> None:
    spec = make_spec("fp-dot", {"formats": ("fp16", "e4m3fn", "e2m1", "int8", "int4")})
    assert [spec.products_at(point) for point in spec.points] == [4, 8, 16, 4, 8]
