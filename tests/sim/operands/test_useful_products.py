"""Products that somebody asked for, of those that a unit makes of a layer."""

from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import compared, make_spec
from macsmith.golden.catalog import golden
from macsmith.networks.layer_tables.layers import Layer, MatrixProduct
from macsmith.operands.layer_batches import LaneOrder, laid_out
from macsmith.operands.layer_statistics import LayerOperands
from macsmith.operands.stimulus import Network


@pytest.mark.parametrize(
    ("name", "point", "rows", "columns", "terms", "useful"),
    [
        ("data-gated", 0, 3, 5, 7, 1.0),
        # 16 products of 2x2 a beat, all of one sum: 7 terms fill 7 of them, 17 fill 17 of 32.
        ("dnc-2d-st", 4, 3, 5, 7, 7 / 16),
        ("dnc-2d-st", 4, 3, 5, 17, 17 / 32),
        # 4 activations of 2 bits, each with its own weight and sum: 15 outputs fill 15 of 16 slots.
        ("subword-sa", 4, 3, 5, 7, 15 / 16),
        # 4 activations x 4 weights, 16 sums: patches of 4 x 4 hold 3 x 5 outputs in two.
        ("dnc-2d-sa", 4, 3, 5, 7, 15 / 32),
    ],
)
def test_a_layer_by_hand(
    name: str, point: int, rows: int, columns: int, terms: int, useful: float
) -> None:
    model = golden(name, make_spec(name))
    acts, weights = np.ones((rows, terms), np.int64), np.ones((columns, terms), np.int64)
    batch = laid_out(model, "layer", point, acts, weights)
    assert batch.useful == pytest.approx(useful)
    assert batch.chosen(slice(0, 1)).useful == batch.useful


@pytest.mark.parametrize(
    "more", [{}, {"length": 3}, {"rows": 2}, {"length": 2, "rows": 3}], ids=str
)
@pytest.mark.parametrize("name", compared())
def test_every_output_is_made_in_every_lane_order(name: str, more: dict[str, int]) -> None:
    """The unit's own model gives each output of a product; the share is counted from the lanes."""
    spec = make_spec(name, {key: value for key, value in more.items() if allowed(name, key)})
    model, rng = golden(name, spec), np.random.default_rng(7)
    for point, mode in enumerate(spec.modes):
        acts = rng.integers(1, 1 << mode.act_bits, (5, 23))
        weights = rng.integers(-(1 << mode.weight_bits - 1), 0, (7, 23))
        batch = laid_out(model, "layer", point, acts, weights)
        a, w = batch.fields["a"], batch.fields["w"]
        lanes = model.lanes(mode)
        assert (a.shape[2], w.shape[2]) == (lanes.acts, lanes.weights)
        sums = model.accumulate(mode, a, w)
        assert set((acts @ weights.T).flat) <= set(sums.flat) <= {0, *(acts @ weights.T).flat}
        made = a.shape[0] * a.shape[1] * spec.products(mode)
        assert batch.useful == pytest.approx(5 * 7 * 23 / made)


def allowed(name: str, key: str) -> bool:
    return key in make_spec(name).parameter_names()


@pytest.mark.parametrize(("name", "point"), [("dnc-2d-st", 4), ("dnc-2d-sa", 4), ("subword-sa", 3)])
def test_random_operands_of_a_layer_end_as_its_dot_products_do(name: str, point: int) -> None:
    spec = make_spec(name, {"length": 3})
    product = MatrixProduct(4, 4, 50)
    sizes: dict[str, Any] = {"act_bits": 2, "weight_bits": 2, "product": product}
    if point == 3:
        sizes |= {"act_bits": 4, "weight_bits": 3}
    layer = Layer(name="l", macs=product.macs, **sizes)
    ((_, drawn),) = LayerOperands.of(layer).parts(name, spec, point)
    order = LaneOrder.of(golden(name, spec), spec.modes[point])
    ones = laid_out(golden(name, spec), "l", point, np.ones((4, 50), int), np.ones((4, 50), int))
    assert drawn.length == ones.length == order.beats(50)
    for field in ("a", "w"):
        # Zero in every accumulation just where the layer has no term.
        assert np.array_equal(drawn.fields[field].any(axis=0), ones.fields[field].any(axis=0))
    long = LayerOperands.of(Layer(name="l", macs=10**6, act_bits=2, weight_bits=2,
                                  product=MatrixProduct(1, 1, 10**6)))  # fmt: skip
    if point == 4:
        assert long.parts(name, spec, point)[0][1].length == long.length


def test_shares_of_layers_are_those_of_useful_products() -> None:
    shares = {
        name: [share for share, _ in Network(beats=8).parts(name, make_spec(name), 4)]
        for name in ("data-gated", "dnc-2d-st")
    }
    assert shares["dnc-2d-st"] == pytest.approx(shares["data-gated"])
    assert sum(shares["data-gated"]) == pytest.approx(1)
