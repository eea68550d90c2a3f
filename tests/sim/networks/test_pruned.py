"""The pruned networks: within their bounds, as accurate as recorded, and as the script makes them."""

import hashlib
import json

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.formats.density_bound import encode
from macsmith.networks import digits, pruned_digits

RECORD = json.loads(pruned_digits.FIGURES.read_text())
BOUNDS = {name: bound for name, bound in pruned_digits.BOUNDS.items() if bound is not None}


@pytest.mark.parametrize("name", BOUNDS)
def test_networks_are_within_their_bounds(name: str) -> None:
    nonzeros, block = BOUNDS[name]
    first, *layers = pruned_digits.load(name).layers
    assert np.mean(first.weights != 0) > 0.9
    for layer in layers:
        encoded = encode(layer.weights.T, block, nonzeros)
        assert np.array_equal(encoded.decode(), layer.weights.T)
        density = np.mean(layer.weights != 0)
        assert 0.9 * nonzeros / block < density <= nonzeros / block
        assert layer.weights.min() >= -128 and layer.weights.max() <= 127


@pytest.mark.parametrize("name", BOUNDS)
def test_accuracy_is_the_one_recorded(name: str) -> None:
    network, recorded = pruned_digits.load(name), RECORD["accuracy"][name]
    assert network.accuracy() == recorded["folds"][0]
    assert len(recorded["folds"]) == 5
    assert recorded["mean"] == pytest.approx(np.mean(recorded["folds"]))
    assert recorded["mean"] >= 0.98
    assert pruned_digits.fold_accuracies()[name] == (recorded["mean"], recorded["std"])


def test_dense_is_the_committed_network() -> None:
    dense, known = pruned_digits.load(), digits.load("8x8")
    for ours, other in zip(dense.layers, known.layers, strict=True):
        assert np.array_equal(ours.weights, other.weights)
    assert pruned_digits.fold_accuracies()["dense"] == digits.fold_accuracies()["8x8"]
    assert np.array_equal(pruned_digits.load("2:4").images, known.images)


def test_archive_is_small_and_of_one_run_with_its_record() -> None:
    assert pruned_digits.ARCHIVE.stat().st_size < 100 * 1024
    assert (
        hashlib.sha256(pruned_digits.ARCHIVE.read_bytes()).hexdigest() == RECORD["archive_sha256"]
    )


def test_unknown_network() -> None:
    with pytest.raises(UserError) as raised:
        pruned_digits.load("2:8")
    sentence = "network must be one of dense, 2:4, 4/8, 3/8, 2/8, not '2:8'"
    assert str(raised.value) == sentence


def test_script_prunes_and_holds_the_mask() -> None:
    """Nothing comes back while training goes on, and a result repeats to the bit."""
    pytest.importorskip("sklearn")
    from threadpoolctl import threadpool_limits

    from macsmith.networks.training import train_digits, train_pruned

    with threadpool_limits(1):
        fold = train_digits.Fold(0, 1, 1)
        first, second = (train_pruned.tune(fold, 2, 8) for _ in range(2))
    assert all(np.array_equal(first[key], second[key]) for key in first)
    for name in ("conv2", "conv3", "dense"):
        encode(first[f"8x8/{name}/weights"].T, 8, 2)
    kept = first["8x8/conv3/weights"] != 0
    largest = train_pruned.keep_largest(fold.network.layers[2].parameters["weights"], 8, 2) != 0
    assert not (kept & ~largest).any()
