"""Dot products of compact number formats against their golden models: both layers, all pairs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.bench.bulk import compare, verify_bulk
from macsmith.catalog.catalog import build, make_spec, units
from macsmith.compact.compact_units import COMPACT
from macsmith.contract.errors import UserError
from macsmith.formats.compact.biscaled_codes import Biscaled
from macsmith.formats.compact.fpec_codes import Fpec
from macsmith.golden.catalog import golden
from macsmith.golden.compact.crossbar import analog
from macsmith.host.verification_run import Run
from macsmith.operands.batches import Batch
from macsmith.rtlsim.bulk_engine import bulk_engine
from macsmith.rtlsim.cocotb_runner import run_bench
from tests.support.amaranth_runs import streamed
from tests.support.simulators import quick_simulator

SPECS: list[tuple[str, dict[str, Any]]] = [
    ("fpec", {"magnitude_bits": 2, "products": 2}),
    ("fpec", {"compensation": "end", "error_product": True, "magnitude_bits": 1}),
    ("fpec", {"compensation": "selective", "products": 3, "block": 3, "magnitude_bits": 1}),
    ("fpec", {"compensation": "none", "act_signed": True, "arith": "operators"}),
    ("biscaled", {"products": 2, "act_bits": 3, "weight_bits": 4, "weight_step": 3}),
    ("biscaled", {"marks": "list", "products": 3, "block": 9}),
    ("xnor", {"products": 13, "tail": "count"}),
    (
        "xnor",
        {
            "products": 9,
            "tail": "mask",
            "output": "threshold",
            "acts": "integer",
            "act_bits": 3,
            "act_signed": True,
        },
    ),
    ("xnor", {"products": 8, "weights": "binary", "acts": "integer", "act_bits": 2}),
    ("ternary", {"products": 5, "packing": "five-trits"}),
    ("ternary", {"products": 2, "acts": "integer", "act_bits": 3, "scales": "two"}),
    ("log-shift", {"products": 2, "act_bits": 4, "act_signed": True}),
    ("log-shift", {"base": "root-two", "logs": "both", "act_signed": True, "root_bits": 6}),
    ("log-shift", {"base": "root-two", "act_bits": 4, "root_bits": 0}),
    ("shared-weight", {"products": 2, "entries": 5, "act_bits": 3}),
    ("shared-weight", {"products": 2, "entries": 5, "order": "sums", "act_signed": True}),
    ("crossbar", {"products": 5, "columns": 2, "act_bits": 3, "act_signed": True, "adc_bits": 2}),
]
"""Small ones, between them all of the hardware."""

STREAMS: list[tuple[str, dict[str, Any]]] = [
    ("fpec", {"compensation": "selective", "block": 3}),
]

VARIANTS = [(name, kind, one) for name in COMPACT if name != "adacomp"  # it has tests of its own
            for (_, kind), one in units()[name].spec.variants().items()]  # fmt: skip


def right(runs: list[Run]) -> bool:
    """Return whether nothing differs, and say what does."""
    wrong = [run.examples[0].sentence(run.unit, run.mode) for run in runs if run.mismatches]
    assert not wrong, wrong[0]
    return True


def in_bulk(name: str, parameters: dict[str, Any], count: int) -> list[Run]:
    spec = make_spec(name, parameters)
    return verify_bulk(name, spec, golden(name, spec), bulk_engine(name, spec), 3, count)


@pytest.mark.parametrize(("name", "parameters"), SPECS)
def test_bulk(name: str, parameters: dict[str, Any]) -> None:
    assert right(in_bulk(name, parameters, 200))


@pytest.mark.parametrize(("name", "parameters"), STREAMS)
def test_streams(name: str, parameters: dict[str, Any], tmp_path: Path) -> None:
    spec = make_spec(name, parameters)
    assert right(run_bench(name, spec, quick_simulator(), tmp_path, seed=2, packets=60))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind", "parameters"), VARIANTS)
def test_variants(name: str, kind: str, parameters: dict[str, Any]) -> None:
    assert right(in_bulk(name, parameters, 4000))


@pytest.mark.slow
@pytest.mark.needs("icarus")
@pytest.mark.parametrize(("name", "parameters"), SPECS)
def test_on_icarus(name: str, parameters: dict[str, Any], tmp_path: Path) -> None:
    spec = make_spec(name, parameters)
    assert right(run_bench(name, spec, "icarus", tmp_path, seed=2, packets=200))


PAIRS: list[tuple[str, dict[str, Any]]] = [
    ("fpec", {"act_fraction_bits": 6, "weight_fraction_bits": 7, "magnitude_bits": 2}),
    ("fpec", {"act_signed": True, "magnitude_bits": 1, "error_product": True}),
    ("biscaled", {"act_bits": 12, "weight_bits": 12, "act_step": 0, "weight_step": 0}),
    ("ternary", {"products": 5, "packing": "five-trits"}),
    ("log-shift", {"act_bits": 16, "weight_exponent_bits": 5, "headroom": 0}),
    ("log-shift", {"base": "root-two", "act_bits": 16, "act_signed": True, "headroom": 0}),
]
"""Units of one product whose pairs of operands are all tried."""


def all_pairs(spec: Any) -> Iterator[Batch]:
    """Yield every pair of codes of both operands, a packet each."""
    (layout,) = spec.inputs(spec.points[0]).values()
    ends = [layout[name] for name in ("a", "w")]
    low = [-(1 << one.bits - 1) if one.signed else 0 for one in ends]
    acts = np.arange(low[0], low[0] + (1 << ends[0].bits), dtype=np.int64)
    weights = np.arange(low[1], low[1] + (1 << ends[1].bits), dtype=np.int64)
    for part in np.array_split(acts, max(1, len(acts) * len(weights) >> 20)):
        a, w = np.meshgrid(part, weights, indexing="ij")
        yield Batch("all pairs", 0, {"a": a.reshape(-1, 1, 1), "w": w.reshape(-1, 1, 1)})


@pytest.mark.slow
@pytest.mark.parametrize(("name", "parameters"), PAIRS)
def test_all_pairs(name: str, parameters: dict[str, Any]) -> None:
    spec = make_spec(name, parameters)
    engine, model = bulk_engine(name, spec), golden(name, spec)
    run = Run(name, spec.parameters(), "always", "bulk", engine.engine, 0)
    for batch in all_pairs(spec):
        compare(run, batch, batch.expected(spec, model), engine.stream(spec, [batch])[0])
    assert right([run]) and run.vectors >= 1 << 16


# What the slides print.

SLIDE = {"act_integer_bits": 3, "act_fraction_bits": 0, "act_signed": True,
         "weight_integer_bits": 3, "weight_fraction_bits": 0, "products": 2}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "total"),
    [
        ({"compensation": "none"}, 18.0),
        ({"compensation": "cycle"}, 19.5),
        ({"compensation": "end"}, 19.5),
        ({"compensation": "selective"}, 19.5),
        ({"compensation": "cycle", "error_product": True}, 19.75),
    ],
)
def test_the_compensated_sum_of_the_slides(more: dict[str, Any], total: float) -> None:
    spec = make_spec("fpec", SLIDE | more)
    form = Fpec(integer_bits=3, fraction_bits=0)
    a, w = form.quantised([3.3, 2.95]), form.quantised([3.45, 2.75])
    if not spec.compensates or spec.selective:
        fields = {"a": a.number, "w": w.number}
    else:
        fields = {"a": form.codes(a), "w": form.codes(w)}
    beats = {name: one.reshape(1, 1, 2) for name, one in fields.items()}
    if spec.selective:
        # Of the four terms that of 2.95, whose estimate is zero, is not in the list.
        terms = {"index": [0, 0, 0, 1], "of_weight": [0, 0, 1, 1], "minus": [0, 0, 0, 1]}
        beats = {name: np.concatenate([one, np.zeros((1, 3, 2), np.int64)], axis=1)
                 for name, one in beats.items()}  # fmt: skip
        more_fields = {"term": [0, 1, 1, 1], **terms}
        beats |= {name: np.array(one).reshape(1, 4, 1) for name, one in more_fields.items()}
    batch = Batch("slides", 0, beats)
    model = golden("fpec", spec)
    results = model.respond(spec.points[0], beats)
    assert results["sum"][0, 0] * 2.0**-spec.sum_fraction_bits == total
    if spec.selective:
        assert (results["count"][0, 0], results["error"][0, 0]) == (3, 0)
    (got,) = bulk_engine("fpec", spec).stream(spec, [batch])
    assert (got == batch.expected(spec, model)).all()


@pytest.mark.parametrize(
    ("threshold", "total"), [(8, 212), (None, 207)], ids=["printed", "by overflow alone"]
)
def test_the_sum_of_two_scales_of_the_slides(threshold: float | None, total: int) -> None:
    form = Biscaled(bits=5, integer_bits=4, step=2)
    codes, wide = form.quantised([[5.1, 44.9], [14.9, 2.9]], threshold)
    spec = make_spec("biscaled", {"act_bits": 5, "weight_bits": 5, "act_signed": True,
                                  "products": 2})  # fmt: skip
    fields = {name: one.reshape(1, 1, 2) for name, one in zip("aw", codes, strict=True)}
    fields |= {f"wide_{name}": one.reshape(1, 1, 2).astype(np.int64)
               for name, one in zip("aw", wide, strict=True)}  # fmt: skip
    model = golden("biscaled", spec)
    assert model.respond(spec.points[0], fields)["sum"].tolist() == [[total]]
    batch = Batch("slides", 0, fields)
    (got,) = bulk_engine("biscaled", spec).stream(spec, [batch])
    assert (got == batch.expected(spec, model)).all()


def test_a_dot_product_of_signs() -> None:
    """(1, -1, 1, -1, 1, 1) by (1, 1, -1, 1, 1, -1): two agree, so -2."""
    spec = make_spec("xnor", {"products": 8, "tail": "count"})
    a, w = [1, 0, 1, 0, 1, 1, 0, 1], [1, 1, 0, 1, 1, 0, 1, 1]
    lanes = {name: np.array(bits).reshape(1, 1, 8) for name, bits in (("a", a), ("w", w))}
    fields = lanes | {"used": np.full((1, 1, 1), 6)}
    assert golden("xnor", spec).respond(spec.points[0], fields)["sum"].tolist() == [[-2]]


def test_the_crossbar_of_two_rows() -> None:
    """W = [[1, -2], [3, 0]] by x = (2, 3): positive cells give 11 and 0, negative ones 0 and 4."""
    weights, acts = np.array([[1, -2], [3, 0]]), np.array([2, 3])
    spec = make_spec("crossbar", {"products": 2, "act_bits": 2})
    assert spec.exact_adc_bits == 3 and make_spec("crossbar", {"products": 128}).exact_adc_bits == 9
    beats = [{"load": 1, "row": row, "w": one} for row, one in enumerate(weights)]
    beats += [{"bits": acts >> plane & 1} for plane in range(2)]
    fields = {
        name: np.stack([np.broadcast_to(beat.get(name, 0), part.lanes) for beat in beats])[None]
        for name, part in spec.operands.items()
    }
    model = golden("crossbar", spec)
    found = model.respond(spec.points[0], fields)
    assert (found["sum"].tolist(), found["error"].tolist()) == ([[11, -4]], [[0]])
    batch = Batch("two rows", 0, fields)
    (got,) = bulk_engine("crossbar", spec).stream(spec, [batch])
    assert (got == batch.expected(spec, model)).all()
    rng = np.random.default_rng(1)
    ideal = analog(weights, acts[None], act_bits=2, cell_bits=2, adc_bits=3)
    assert ideal.tolist() == [[11, -4]]
    noisy = analog(weights, acts[None], act_bits=2, cell_bits=2, adc_bits=3, noise=1.0, rng=rng)
    assert (noisy != ideal).any()


def test_a_codebook_stays_for_packets_that_bring_none() -> None:
    """Only a packet that begins with an entry begins with an empty codebook."""
    spec = make_spec("shared-weight", {"entries": 4})

    def beat(last: int, **fields: int) -> dict[str, int]:
        return dict.fromkeys(spec.beat, 0) | fields | {"last": last}

    beats = [
        beat(0, entry=1, place=2, value=7), beat(1, a=10, index=2), beat(1, a=3, index=2),
        beat(0, entry=1, place=0, value=5), beat(0, a=2, index=0), beat(1, a=9, index=2),
    ]  # fmt: skip
    unit = build("shared-weight", spec)
    layout = spec.input_struct
    words = [sum(one[name] << field.offset for name, field in layout) for one in beats]
    bits = spec.results["sum"].bits
    assert streamed(unit, {"i": words}, 3) == [70, 21, 10 | 1 << bits]


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("biscaled", {"marks": "list", "products": 3, "block": 8},
         "block must be a multiple of 3 products, not 8"),
        ("biscaled", {"marks": "list", "act_step": 0, "weight_step": 0},
         "marks must be mask where both steps are 0 and no element is wide, not list"),
        ("xnor", {"products": 7}, "products must be from 8 to 1024, not 7; the nearest is 8"),
        ("xnor", {"act_bits": 2},
         "act_bits must be 1 without act_signed for acts=bipolar, not 2; acts=integer has others"),
        ("ternary", {"packing": "five-trits", "products": 13},
         "products must be a multiple of 5 for packing=five-trits, not 13; the nearest is 15"),
        ("log-shift", {"logs": "both", "act_exponent_bits": 5, "weight_exponent_bits": 5},
         "act_bits, exponent bits, root_bits and headroom must leave sums of at most 62 bits, not "
         "70"),
        ("shared-weight", {"entries": 257},
         "entries must be from 2 to 256, not 257; the nearest is 256"),
        ("fpec", {"act_integer_bits": 15, "act_fraction_bits": 2},
         "act_integer_bits and act_fraction_bits must leave 1 to 16 bits with the sign, not 17"),
        ("fpec", {"compensation": "none", "error_product": True},
         "error_product must be false for compensation=none, which has no pairs of errors, not "
         "true; cycle and end have them"),
        ("fpec", {"magnitude_bits": 3},
         "magnitude_bits must be 0, 1 or 2, not 3; the nearest is 2"),
        ("fpec", {"compensation": "selective", "products": 64, "block": 17},
         "block must be at most 16 for 64 products, as a list is for at most 1024 of them, not 17"),
    ],
)  # fmt: skip
def test_sentences(name: str, parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        make_spec(name, parameters)
    assert str(raised.value) == sentence
