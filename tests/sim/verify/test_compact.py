"""Dot products of compact number formats against their golden models: both layers, all pairs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.bench.bulk import compare, verify_bulk
from macsmith.catalog.catalog import make_spec, units
from macsmith.contract.errors import UserError
from macsmith.formats.compact.fpec_codes import Fpec
from macsmith.golden.catalog import golden
from macsmith.host.verification_run import Run
from macsmith.operands.batches import Batch
from macsmith.rtlsim.bulk_engine import bulk_engine
from macsmith.rtlsim.cocotb_runner import run_bench
from tests.support.simulators import quick_simulator

SPECS: list[tuple[str, dict[str, Any]]] = [
    ("fpec", {"magnitude_bits": 2, "products": 2}),
    ("fpec", {"compensation": "end", "error_product": True, "magnitude_bits": 1}),
    ("fpec", {"compensation": "selective", "products": 3, "block": 3, "magnitude_bits": 1}),
    ("fpec", {"compensation": "none", "act_signed": True, "arith": "operators"}),
]
"""Small ones, between them all of the hardware."""

STREAMS: list[tuple[str, dict[str, Any]]] = [
    ("fpec", {"compensation": "selective", "block": 3}),
]

VARIANTS = [(name, kind, one) for name in ("fpec",)
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
    assert right([run]) and run.vectors >= 1 << 20


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
    ("name", "parameters", "sentence"),
    [
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
