"""What accumulators of few bits make of long sums, on the RTL of the dot-product unit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from macsmith.catalog.catalog import make_spec
from macsmith.contract.number_format import FORMATS
from macsmith.figures.docs_page import LibraryRun, Measured, MeasuredRegion, Records, Shown
from macsmith.figures.markdown import table
from macsmith.formats.number_codes import decode, encode
from macsmith.formats.stream_words import unpack
from macsmith.host.int64s import Int64s
from macsmith.library.technology import Technology
from macsmith.operands.batches import Batch
from macsmith.rtlsim.bulk_engine import bulk_engine

DOT = "fp-dot"

ACCUMULATORS = (
    ("dlfloat16", "nearest-even"), ("dlfloat16", "ties-away"), ("fp16", "nearest-even"),
    ("bf16", "nearest-even"),
)  # fmt: skip
"""Formats of sums, and how they are rounded."""

LENGTHS, CHUNKS = (4096, 16384, 65536), (0, 64, 256)
"""Terms of a sum, and of its chunks; 0 for none."""

OPERANDS = "e5m2"
"""Format of the terms: of bits 1-5-2."""


def sums(tech: Technology) -> Records:
    """Add ones, and numbers about one, a product a beat, and return what comes out."""
    rng = np.random.default_rng(1)
    fmt = FORMATS[OPERANDS]
    near = encode(fmt, rng.normal(1, 1, max(LENGTHS))).astype(np.int64)
    one = encode(fmt, np.ones(max(LENGTHS))).astype(np.int64)
    records: Records = []
    for acc, rounding in ACCUMULATORS:
        for chunk in CHUNKS:
            spec = make_spec(DOT, {"formats": (OPERANDS,), "products": 1, "acc": acc,
                                   "rounding": rounding, "chunk": chunk})  # fmt: skip
            engine = bulk_engine(DOT, spec)
            for terms, codes in (("ones", one), ("normal", near)):
                for length in LENGTHS:
                    found = _sum(engine, spec, codes[:length], one[:length])
                    exact = float(decode(fmt, codes[:length]).sum())
                    records.append({"acc": acc, "rounding": rounding, "terms": terms,
                                    "length": length, "chunk": chunk, "sum": found,
                                    "exact": exact})  # fmt: skip
    return records


def _sum(engine: Any, spec: Any, a: Int64s, b: Int64s) -> float:
    """Return the sum of the products of one packet."""
    fields = {"a": a.reshape(1, -1, 1), "b": b.reshape(1, -1, 1)}
    if spec.chunk:
        fields["chunk"] = np.zeros((1, len(a), 1), np.int64)
    (got,) = engine.stream(spec, [Batch("sum", 0, fields)])
    code = unpack(spec.outputs(spec.points[0])["o"], got)["sum"]
    return float(decode(spec.acc_format, code)[0, 0])


def shown(runs: Sequence[LibraryRun]) -> Shown:
    """Return the sums of ones, and by how much those of other numbers are off."""
    records = runs[0].records
    rows = []
    for terms in ("ones", "normal"):
        for length in LENGTHS:
            for chunk in CHUNKS:
                mine = [
                    one
                    for one in records
                    if (one["terms"], one["length"], one["chunk"]) == (terms, length, chunk)
                ]
                cells = [_cell(one, terms) for one in mine]
                rows.append(["ones" if terms == "ones" else "N(1, 1)", f"{length:,}",
                             str(chunk) if chunk else "none", *cells])  # fmt: skip
    heads = [f"{acc}, {rounding}" for acc, rounding in ACCUMULATORS]
    run = runs[0]
    text = (
        f"RTL of `{DOT}`, compiled. macsmith {run.versions['macsmith']} at {run.commit}, Amaranth "
        f"{run.versions['amaranth']}; {run.date}."
    )
    return Shown(f"{table(['terms', 'how many', 'chunks', *heads], rows)}\n\n{text}")


def _cell(record: dict[str, Any], terms: str) -> str:
    found, exact = float(record["sum"]), float(record["exact"])
    if terms == "ones" or not np.isfinite(found):
        return f"{found:g}"
    return f"{(found - exact) / exact:+.2%}"


REGION = MeasuredRegion("swamping", Measured("swamping", sums, on_library=False), shown)
"""Of docs/floating-point.md."""
