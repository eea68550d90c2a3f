"""Networks rounded to number formats, and the short sums of their training."""

from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.number_format import FORMATS
from macsmith.formats.number_codes import decode, encode
from macsmith.golden.catalog import golden
from macsmith.networks.digits import LayerShape
from macsmith.networks.number_formats import (
    FloatLayer,
    Quantiser,
    logits,
    quantisers,
    recorded,
)
from macsmith.networks.training import train_hfp8
from macsmith.operands.batches import Batch


@pytest.mark.parametrize("one", quantisers(), ids=lambda one: one.label)
def test_rounded_matrices_are_numbers_of_the_format(one: Quantiser) -> None:
    """Near what they were, and rounded once more the same where scales are powers of two."""
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(5, 45))
    rounded = one(matrix)
    worst = {"int4": 0.5, "e2m1": 0.9, "mxfp4": 0.9, "nvfp4": 0.5}.get(one.name, 0.3)
    assert rounded.shape == matrix.shape and np.abs(rounded - matrix).max() < worst
    if one.name.startswith("mx"):
        assert np.array_equal(one(rounded), rounded) or one.rule in ("ceil", "even")


def test_a_block_of_zeros_stays() -> None:
    for one in quantisers():
        assert not one(np.zeros((2, 33))).any()


def test_logits_of_one_layer() -> None:
    shape = LayerShape(name="only", kind="dense", channels=2, kernel=(1, 2))
    layer = FloatLayer(shape, np.array([[1.0, 2.0], [0.3, -1.0]]), np.array([0.5, 0.0]), last=True)
    images = np.array([1.0, 0.25]).reshape(1, 1, 2, 1)
    assert logits([layer], images, None) == pytest.approx(np.array([[2.0, 0.05]]))
    # 0.3 lies between 0.25 and 0.5 of a scale of 2 / 6: it becomes 1/3.
    found = logits([layer], images, Quantiser("e2m1").multiply)
    assert found == pytest.approx(np.array([[2.0, 1 / 3 - 0.25]]))


@pytest.mark.parametrize("chunk", [0, 5])
def test_sums_of_training_are_those_of_the_unit(chunk: int) -> None:
    """A product a beat, DLFloat16, ties away."""
    rng = np.random.default_rng(chunk)
    a, b = (
        decode(FORMATS[name], encode(FORMATS[name], rng.normal(size=(7, 33)) * 4))
        for name in ("hfp8-fwd", "hfp8-bwd")
    )
    how = train_hfp8.Arithmetic(acc="dlfloat16", chunk=chunk)
    found = np.diagonal(how.product(a, b.T))
    spec = make_spec("fp-dot", {"formats": ("hfp8-fwdxhfp8-bwd",), "products": 1,
                                "acc": "dlfloat16", "rounding": "ties-away", "chunk": chunk})  # fmt: skip
    fields: dict[str, Any] = {
        name: encode(FORMATS[fmt], values).astype(np.int64)[..., np.newaxis]
        for name, fmt, values in (("a", "hfp8-fwd", a), ("b", "hfp8-bwd", b))
    }
    if chunk:
        fields["chunk"] = np.zeros((7, 33, 1), np.int64)
    batch = Batch("sums", 0, fields)
    codes = golden("fp-dot", spec).respond(spec.points[0], batch.fields)["sum"][:, 0]
    assert np.array_equal(found, decode(FORMATS["dlfloat16"], codes))


def test_every_format_is_recorded() -> None:
    labels = {"float", *(one.label for one in quantisers())}
    for task, shares in recorded()["accuracy"].items():
        assert shares.keys() == labels, task
        assert all(len(one["folds"]) == 5 for one in shares.values())
