"""Products that somebody asked for, of those that a unit makes of a layer."""

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.golden.catalog import golden
from macsmith.operands.layer_batches import laid_out
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


def test_shares_of_layers_are_those_of_useful_products() -> None:
    shares = {
        name: [share for share, _ in Network(beats=8).parts(name, make_spec(name), 4)]
        for name in ("data-gated", "dnc-2d-st")
    }
    assert shares["dnc-2d-st"] == pytest.approx(shares["data-gated"])
    assert sum(shares["data-gated"]) == pytest.approx(1)
