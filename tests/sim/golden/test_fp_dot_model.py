"""The model of dot products: published vectors, SoftFloat, exact fractions."""

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import softfloatpy as softfloat

from macsmith.catalog.catalog import make_spec
from macsmith.contract.number_format import FORMATS
from macsmith.formats.number_codes import decode, encode
from macsmith.golden.catalog import golden
from macsmith.operands.fp_vectors import FpVectors

TENSOR_CORE = {"alignment": "window", "rounding": "toward-zero", "nan": "ones", "addend": True}


def dot(
    a: Sequence[float], b: Sequence[float], c: float = 0.0, scales: Any = None, **what: Any
) -> float:
    """Return the dot product of some numbers as the model has it, zeros beyond them."""
    spec = make_spec("fp-dot", TENSOR_CORE | {"formats": ("fp16",), "products": 8} | what)
    point, count = spec.points[0], spec.products_at(spec.points[0])
    fields = {"c": encode(spec.acc_format, np.array([[[c]]]))}
    for name, fmt, values in (("a", point.a, a), ("b", point.b, b)):
        fields[name] = encode(fmt, np.array([[[*values, *[0.0] * (count - len(values))]]]))
    for name, of_blocks in (scales or {}).items():
        fields[name] = encode(point.scale.format, np.array([[of_blocks]]))
    found = golden("fp-dot", spec).respond(
        point, {k: v.astype(np.int64) for k, v in fields.items()}
    )
    return float(decode(spec.result_format, found["sum"])[0, 0])


@pytest.mark.parametrize(
    ("vector", "of_bits"),
    [
        ((((1, 2**-12, 2**-12),) * 2, 0.0), {23: 1.0, 24: 1 + 2**-23, 25: 1 + 2**-23}),  # T1
        ((((1, *[2**-12] * 4), (1, *[2**-13] * 4)), 0.0), {24: 1.0, 25: 1 + 2**-23}),  # T2
        ((((1, 2**-12),) * 2, -1.0), {23: 0.0, 24: 2**-24, 25: 2**-24}),  # T3
        ((((1,) * 4,) * 2, 2.0**24), {23: 2.0**24, 24: 2.0**24 + 4, 25: 2.0**24 + 4}),  # T4
        ((((1,) * 4,) * 2, 2.0**25), {23: 2.0**25, 24: 2.0**25, 25: 2.0**25 + 4}),
    ],
)  # fmt: skip
def test_vectors_of_half_precision(vector: Any, of_bits: dict[int, float]) -> None:
    (a, b), c = vector
    for bits, expected in of_bits.items():
        assert dot(a, b, c, fraction_bits=bits) == expected, bits


@pytest.mark.parametrize(
    ("first", "rest", "of_bits"),
    [
        (1.0, 2**-7, {13: 1.0, 25: 1.00189208984375}),  # T5
        (448.0, 1.0, {13: 200704.0, 25: 200735.0}),  # T6
    ],
)
def test_vectors_of_e4m3(first: float, rest: float, of_bits: dict[int, float]) -> None:
    numbers = [first, *[rest] * 31]
    for bits, expected in of_bits.items():
        what: dict[str, Any] = {"formats": ("e4m3fn",), "products": 32, "fraction_bits": bits}
        assert dot(numbers, numbers, acc="e8m13" if bits == 13 else "fp32", **what) == expected


NV: dict[str, Any] = {"formats": ("nvfp4",), "products": 64}


@pytest.mark.parametrize(
    ("what", "expected"),
    [({"alignment": "exact"}, 115606672.0), ({"fraction_bits": 35}, 115606672.0)],
)
def test_vector_of_nvfp4_blocks(what: dict[str, Any], expected: float) -> None:
    """T7: all numbers 6, four scales on both sides; 115606674.0022 truncated to 24 bits."""
    scales = [1.125, 0.875, 448, 2**-9]
    sides = {"scale_a": scales, "scale_b": scales}
    assert dot([6] * 64, [6] * 64, scales=sides, **NV | what) == expected


@pytest.mark.parametrize(
    ("what", "expected"),
    [({"alignment": "exact"}, 12 * 2.0**-18), ({"fraction_bits": 35}, 0.0)],
)
def test_vector_of_nvfp4_that_cancels(what: dict[str, Any], expected: float) -> None:
    """T8: what a great accumulator leaves of a great block and three tiny ones."""
    numbers, scales = [6] * 16 + [0.5] * 48, [448, *[2**-9] * 3]
    sides = {"scale_a": scales, "scale_b": scales}
    assert dot(numbers, numbers, -115605504.0, sides, **NV | what) == expected


def test_half_precision_results() -> None:
    """1 + 2^-11 is a tie, which a bit below decides."""
    half: dict[str, Any] = {"acc": "fp16", "rounding": "nearest-even"}
    assert dot([1, 2**-11], [1, 1], **half) == 1.0
    assert dot([1, 2**-11, 2**-12], [1, 1, 2**-12], **half) == 1.0009765625


SOFTFLOAT = {
    "nearest-even": softfloat.RoundingMode.NEAR_EVEN,
    "ties-away": softfloat.RoundingMode.NEAR_MAX_MAG,
    "toward-zero": softfloat.RoundingMode.MIN_MAG,
}


@pytest.mark.parametrize("rounding", SOFTFLOAT)
def test_multiply_add_as_softfloat(rounding: str) -> None:
    """FP16: hard cases and random ones, NaN as NaN; subnormal numbers and signs of zeros too."""
    spec = make_spec("fp-dot", {"formats": ("fp16",), "products": 1, "acc": "fp16",
                                "addend": True, "rounding": rounding})  # fmt: skip
    model = golden("fp-dot", spec)
    source = FpVectors(spec, model, 0, np.random.default_rng(5))
    batches = [*source.extremes(), source.uniform(4000, 1), source.overflowing(4000, 1)]
    hard = [[0x3C01, 0x3C01, 0xBC02], [0x0001, 0x3800, 0x0001], [0x03FF, 0x3C01, 0x8001],
            [0x7BFF, 0x3C01, 0x7BFF], [0x8000, 0x3C00, 0x8000], [0x8000, 0x3C00, 0x0000],
            [0x3C00, 0x3C00, 0xBC00], [0x7C00, 0x0000, 0x3C00], [0x7C00, 0x3C00, 0xFC00]]  # fmt: skip
    rows = [np.array(hard)]
    rows += [
        np.stack([batch.fields[name][:, 0, 0] for name in ("a", "b", "c")], axis=1)
        for batch in batches
        if batch.length == 1
    ]
    operands = np.concatenate(rows)
    fields = {name: operands[:, at, np.newaxis, np.newaxis] for at, name in enumerate("abc")}
    ours = model.respond(spec.points[0], fields)["sum"][:, 0]
    softfloat.set_rounding_mode(SOFTFLOAT[rounding])
    theirs = [
        int.from_bytes(softfloat.f16_mul_add(*map(_half, row)).to_bytes(), "big")
        for row in operands.tolist()
    ]
    softfloat.set_rounding_mode(softfloat.RoundingMode.NEAR_EVEN)
    undefined = np.isnan(decode(FORMATS["fp16"], np.array(theirs)))
    assert (ours[undefined] == FORMATS["fp16"].nan).all() and undefined.any()
    assert (ours == theirs)[~undefined].all()


def _half(code: int) -> Any:
    return softfloat.Float16.from_bytes(code.to_bytes(2, "big"))


HALVES = [Fraction(number) for number in decode(FORMATS["fp16"], np.arange(0x7C00)).tolist()]
"""The numbers of FP16 that are not negative, by their codes."""


def nearest_half(value: Fraction) -> int:
    """Return the code of the FP16 number next to a value, of two the one with an even code."""
    sign, size = (0x8000 if value < 0 else 0), abs(value)
    if size >= 65520:
        return sign + 0x7C00
    above = min(bisect_left(HALVES, size), 0x7BFF)
    near = [code for code in (above - 1, above) if code >= 0]
    return sign + min(near, key=lambda code: (abs(HALVES[code] - size), code % 2))


@pytest.mark.parametrize("name", ["e4m3fn", "e5m2xe3m2", "hfp8-fwdxhfp8-bwd", "k8p4xint8"])
def test_an_exact_sum_is_rounded_once(name: str) -> None:
    """All is a Fraction here, and the result looked up among all numbers of FP16."""
    spec = make_spec("fp-dot", {"formats": (name,), "products": 3, "acc": "fp16"})
    model, point = golden("fp-dot", spec), spec.points[0]
    batch = FpVectors(spec, model, 0, np.random.default_rng(2)).overflowing(40, 2)
    got = model.respond(point, batch.fields)["sum"][:, 0]
    compared = 0
    for packet in range(40):
        values = [decode(fmt, batch.fields[side][packet])
                  for side, fmt in (("a", point.a), ("b", point.b))]  # fmt: skip
        if not np.isfinite(values).all():
            continue
        acc = Fraction(0)
        for a, b in zip(*values, strict=True):
            acc += sum(
                Fraction(x) * Fraction(y) for x, y in zip(a.tolist(), b.tolist(), strict=True)
            )
            code = nearest_half(acc)
            if code % 0x8000 >= 0x7C00:
                break
            acc = Fraction(float(decode(FORMATS["fp16"], np.array(code))))
        else:
            assert got[packet] == code or (acc == 0 and got[packet] % 0x8000 == 0)
            compared += 1
    assert compared >= 15


@pytest.mark.parametrize("alignment", ["exact", "window"])
def test_order_does_not_matter(alignment: str) -> None:
    spec = make_spec("fp-dot", {"products": 16, "alignment": alignment, "fraction_bits": 13})
    model, rng = golden("fp-dot", spec), np.random.default_rng(3)
    fields = FpVectors(spec, model, 0, rng).overflowing(300, 1).fields
    order = rng.permutation(16)
    there = model.respond(spec.points[0], fields)["sum"]
    moved = {name: values[:, :, order] for name, values in fields.items()}
    assert (model.respond(spec.points[0], moved)["sum"] == there).all()


def summed(count: int, acc: str, rounding: str, chunk: int, value: float = 1.0) -> float:
    """Return the sum of so many equal numbers, in beats of one product."""
    spec = make_spec("fp-dot", {"formats": ("fp16",), "products": 1, "acc": acc,
                                "rounding": rounding, "chunk": chunk})  # fmt: skip
    point = spec.points[0]
    code = int(encode(point.a, np.array(value)))
    fields = {"a": np.full((1, count, 1), code), "b": np.full((1, count, 1), 0x3C00)}
    if chunk:
        fields["chunk"] = np.zeros((1, count, 1), np.int64)
    found = golden("fp-dot", spec).respond(point, fields)["sum"]
    return float(decode(spec.result_format, found)[0, 0])


@pytest.mark.parametrize(
    ("count", "acc", "rounding", "chunk", "expected"),
    [
        (4096, "dlfloat16", "nearest-even", 0, 1024), (4096, "dlfloat16", "ties-away", 0, 2048),
        (4096, "fp16", "nearest-even", 0, 2048), (4096, "bf16", "nearest-even", 0, 256),
        (4096, "dlfloat16", "nearest-even", 64, 4096), (4096, "dlfloat16", "ties-away", 64, 4096),
        (4096, "fp16", "nearest-even", 64, 4096), (4096, "bf16", "nearest-even", 64, 4096),
        *(
            pytest.param(65536, acc, "nearest-even", chunk, expected, marks=pytest.mark.slow)
            for acc, chunk, expected in (
                ("dlfloat16", 64, 65536), ("fp16", 64, np.inf), ("bf16", 64, 16384),
                ("bf16", 256, 65536),
            )
        ),
    ],
)  # fmt: skip
def test_swamping_as_published(
    count: int, acc: str, rounding: str, chunk: int, expected: float
) -> None:
    """Sums of ones: without chunks they stop where one more is less than half a unit."""
    assert summed(count, acc, rounding, chunk) == expected
