"""The digits network: integer inference, the committed archive, and the script that trains it."""

import hashlib
import itertools
import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from macsmith.networks import digits
from macsmith.networks.im2col import col2im, im2col, output_size
from macsmith.networks.training import cross_validation

RECORD = json.loads(digits.ARCHIVE.with_suffix(".json").read_text())


def convolve(images, weights, stride, padding):
    """Convolution straight from its definition, in float64: images (n, h, w, c) -> (n, y, x, o)."""
    cols, kernel_height, kernel_width, _ = weights.shape
    count, height, width, _ = images.shape
    rows = (height + 2 * padding - kernel_height) // stride + 1
    columns = (width + 2 * padding - kernel_width) // stride + 1
    out = np.zeros((count, rows, columns, cols))
    for y, x, v, u in itertools.product(
        range(rows), range(columns), range(kernel_height), range(kernel_width)
    ):
        line, column = y * stride + v - padding, x * stride + u - padding
        if 0 <= line < height and 0 <= column < width:
            out[:, y, x] += images[:, line, column].astype(float) @ weights[:, v, u].T.astype(float)
    return out


def infer_float(network, images):
    """The network in float64 loops; exact, since every sum and product stays below 2**53."""
    bits = network.activation_bits
    top = 2**bits - 1
    values = np.floor(images[..., np.newaxis] * top / 16 + 0.5)
    for layer in network.layers:
        kernel = layer.weights.reshape(len(layer.weights), *layer.shape.kernel, -1)
        values = convolve(values, kernel, layer.shape.stride, layer.shape.padding) + layer.bias
        if layer.mult is not None:
            values = np.clip(np.rint(values * layer.mult / 2.0**layer.shift), 0, top)
    return values.reshape(len(images), -1)


@pytest.mark.parametrize("precision", digits.PRECISIONS)
def test_integer_inference_is_the_network_in_float64(precision):
    network = digits.load(precision)
    images = network.images[:8]
    assert np.array_equal(network.infer(images), infer_float(network, images))


@pytest.mark.parametrize("precision", digits.PRECISIONS)
def test_codes_are_in_range(precision):
    network = digits.load(precision)
    activation_bits, weight_bits = map(int, precision.split("x"))
    assert (network.activation_bits, network.weight_bits) == (activation_bits, weight_bits)
    assert network.images.min() >= 0 and network.images.max() <= 16
    assert [layer.kind for layer in network.layers] == ["conv", "conv", "conv", "dense"]
    for index, layer in enumerate(network.layers):
        activations, weights = network.gemm(index, network.images[:32])
        assert activations.min() >= 0 and activations.max() < 2**activation_bits
        assert weights.min() >= -(2 ** (weight_bits - 1))
        assert weights.max() < 2 ** (weight_bits - 1)
        assert weights.max() - weights.min() > 2 ** (weight_bits - 1), "half the codes are not used"
        if layer.mult is not None:
            assert layer.mult.min() >= 0 and layer.mult.max() < 2**16
            assert 0 <= layer.shift <= 47
    assert layer.mult is None


def test_gemm_gives_the_accumulators():
    network = digits.load("4x4")
    images = network.images[:3]
    codes = digits.quantise_images(images, 4)
    for index, layer in enumerate(network.layers):
        activations, weights = network.gemm(index, images)
        assert activations.dtype == weights.dtype == np.int64
        acc = layer.accumulate(codes)
        assert np.array_equal(activations @ weights.T + layer.bias, acc.reshape(-1, acc.shape[-1]))
        codes = layer.forward(codes)


@pytest.mark.parametrize("precision", digits.PRECISIONS)
def test_accuracy_is_the_one_recorded(precision):
    recorded = RECORD["accuracy"][precision]
    assert digits.load(precision).accuracy() == recorded["folds"][0]
    assert recorded["mean"] == pytest.approx(np.mean(recorded["folds"]))


def test_accuracy_is_good():
    assert digits.load("8x8").accuracy() >= 0.96
    assert RECORD["accuracy"]["8x8"]["mean"] >= 0.98
    assert RECORD["accuracy"]["2x2"]["mean"] >= 0.96


def test_archive_is_small_and_of_one_run_with_its_record():
    assert digits.ARCHIVE.stat().st_size < 200 * 1024
    assert hashlib.sha256(digits.ARCHIVE.read_bytes()).hexdigest() == RECORD["archive_sha256"]


def test_unknown_precision():
    with pytest.raises(ValueError, match=r"^precision must be one of .*2x2, not '3x3'$"):
        digits.load("3x3")


@pytest.mark.parametrize("shift", [0, 1, 3, 16, 47])
def test_requantise_is_exact(shift):
    rng = np.random.default_rng(shift)
    acc = np.concatenate([np.arange(-40, 40), rng.integers(-(2**30), 2**30, 200)])
    for mult in (0, 1, 3, 2**15, 2**16 - 1):
        expected = [
            min(max(round(Fraction(int(value) * mult, 1 << shift)), 0), 255) for value in acc
        ]
        assert digits.requantise(acc, np.array(mult), shift, 8).tolist() == expected


def test_im2col_by_hand():
    image = np.arange(6).reshape(1, 2, 3, 1)
    assert im2col(image, (2, 2)).tolist() == [[0, 1, 3, 4], [1, 2, 4, 5]]
    assert im2col(image, (1, 2), stride=2, padding=1).tolist() == [[0, 0], [0, 0], [0, 3], [4, 5]]
    assert output_size(8, kernel=3, stride=2, padding=1) == 4
    with pytest.raises(ValueError, match=r"^kernel must be at most 2 pixels, not 3$"):
        im2col(image, (3, 3))


@pytest.mark.parametrize(("kernel", "stride", "padding"), [((3, 3), 2, 1), ((2, 3), 1, 0)])
def test_col2im_is_the_adjoint_of_im2col(kernel, stride, padding):
    rng = np.random.default_rng(7)
    images = rng.integers(-9, 9, (2, 6, 7, 3))
    matrix = im2col(images, kernel, stride, padding)
    other = rng.integers(-9, 9, matrix.shape)
    back = col2im(other, images.shape, kernel, stride, padding)
    assert np.sum(matrix * other) == np.sum(images * back)


def test_training_gradients_are_those_of_the_loss():
    """Without rounding the backward pass must be the derivative, by finite differences."""
    from macsmith.networks.training.qat import TrainedNetwork, cross_entropy

    rng = np.random.default_rng(3)
    network = TrainedNetwork(digits.SHAPES, seed=3)
    for layer in network.layers:
        layer.parameters = {k: v.astype(np.float64) for k, v in layer.parameters.items()}
    images: Any = rng.random((4, 8, 8, 1))
    labels = rng.integers(10, size=4)
    _, gradient = cross_entropy(network.forward(images), labels)
    gradients = network.backward(gradient)
    for layer, own in zip(network.layers, gradients, strict=True):
        for key, values in layer.parameters.items():
            at = tuple(rng.integers(size) for size in values.shape)
            losses = []
            for move in (1e-5, -2e-5):
                values[at] += move
                losses.append(cross_entropy(network.forward(images), labels)[0])
            values[at] += 1e-5
            slope = (losses[0] - losses[1]) / 2e-5
            assert own[key][at] == pytest.approx(slope, rel=1e-3, abs=1e-7), (layer.shape.name, key)


def test_script_trains_the_committed_network():
    """Same images held out, same loss after a few epochs, and a result that repeats to the bit."""
    from threadpoolctl import threadpool_limits

    from macsmith.networks.training import train_digits

    images, labels = train_digits.read_data()
    held_out = train_digits.deal_folds(labels) == 0
    network = digits.load("8x8")
    assert np.array_equal(images[held_out], network.images)
    assert np.array_equal(labels[held_out], network.labels)
    assert np.bincount(labels[held_out]).min() >= 34

    # other processors add floats in another order: nearly the same loss there, not the same bits
    with threadpool_limits(1):
        assert train_digits.quick() == pytest.approx(RECORD["quick_loss"], rel=1e-2)
        first, second = (train_digits.Fold(0, 1, 1).tune("4x4") for _ in range(2))
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[key], second[key]) for key in first)


def test_integer_network_agrees_with_the_one_that_was_trained():
    """The exported integers decide as the fake-quantised network does, but for near ties."""
    from macsmith.networks.training import train_digits
    from macsmith.networks.training.qat import TrainedNetwork

    images, labels = train_digits.read_data()
    images, labels = images[:600], labels[:600]
    network = TrainedNetwork(digits.SHAPES, seed=5)
    scaled = cross_validation.scale_images(images, 4)
    train_digits.train(network, scaled, labels, epochs=2)
    network.quantise((4, 4), scaled)
    train_digits.train(network, scaled, labels, epochs=1)
    arrays = cross_validation.export(network, "4x4") | {"images": images, "labels": labels}
    integer = digits.assemble(arrays, "4x4").infer_labels(images)
    trained = network.forward(scaled).argmax(axis=1)
    assert np.mean(integer == trained) > 0.99
