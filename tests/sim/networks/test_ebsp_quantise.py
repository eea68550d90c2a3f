"""EBSP quantiser: steps and codes of real weights, rounding in training, and the ADMM penalty."""

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.formats.ebsp_values import legal_weights
from macsmith.networks.digits import LayerShape
from macsmith.networks.training.ebsp_admm import Admm
from macsmith.networks.training.ebsp_quantiser import Windowed, quantise
from macsmith.networks.training.qat import TrainedNetwork, cross_entropy

SHAPES = (
    LayerShape(name="hidden", kind="dense", channels=12, kernel=(1, 6)),
    LayerShape(name="output", kind="dense", channels=4, kernel=(1, 1)),
)


def weights(seed: int = 3) -> np.ndarray:
    """Rows of quite different spread, as the channels of a layer have."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(8, 50)) * 10.0 ** rng.uniform(-3, 2, size=(8, 1))


def square_error(matrix: np.ndarray, **options: str) -> float:
    return float(np.sum((quantise(matrix, 6, 3, **options).values - matrix) ** 2))


@pytest.mark.parametrize("reading", ["window", "run"])
@pytest.mark.parametrize("scale", ["error", "max"])
@pytest.mark.parametrize("per", ["tensor", "channel"])
def test_codes_are_legal_and_the_nearest(per: str, scale: str, reading: str) -> None:
    matrix = weights()
    quantised = quantise(matrix, 6, 3, per=per, scale=scale, reading=reading)
    legal = legal_weights(6, 3, reading)
    assert np.isin(quantised.codes, legal).all()
    assert quantised.steps.shape == ((8, 1) if per == "channel" else (1, 1))
    distance = np.abs(matrix[..., np.newaxis] - quantised.steps[..., np.newaxis] * legal)
    np.testing.assert_allclose(np.abs(quantised.values - matrix), distance.min(axis=-1), rtol=1e-9)


def test_steps_of_least_error_beat_those_of_the_largest_magnitude() -> None:
    matrix = weights()
    of_tensor = square_error(matrix, per="tensor")
    assert of_tensor <= square_error(matrix, per="tensor", scale="max") * (1 + 1e-5)
    assert square_error(matrix) < square_error(matrix, scale="max")
    assert square_error(matrix) < square_error(matrix, per="tensor")
    assert square_error(matrix) < square_error(matrix, reading="run")


def test_max_puts_the_largest_magnitude_on_the_largest_code() -> None:
    matrix = weights()
    codes = quantise(matrix, 6, 3, scale="max").codes
    assert (np.abs(codes).max(axis=1) == 28).all()


def test_steps_scale_with_the_weights_and_zeros_stay_zeros() -> None:
    matrix = weights()
    matrix[2] = 0
    one, small = quantise(matrix, 5, 2), quantise(matrix * 2.0**-40, 5, 2)
    assert np.array_equal(one.codes, small.codes)
    np.testing.assert_allclose(small.steps[[0, 1, 3]], one.steps[[0, 1, 3]] * 2.0**-40)
    assert not one.codes[2].any() and np.isfinite(one.steps).all()


@pytest.mark.parametrize(
    "call, sentence",
    [
        (
            lambda: quantise(np.zeros((0, 4)), 6, 3),
            "weights must be a matrix of one weight at least, for a scale, not of shape (0, 4)",
        ),
        (
            lambda: quantise(np.zeros(4), 6, 3),
            "weights must be a matrix of one weight at least, for a scale, not of shape (4,)",
        ),
        (
            lambda: quantise(np.array([[1.0, np.nan]]), 6, 3),
            "weight [0, 1] must be finite, not nan",
        ),
        (
            lambda: quantise(np.ones((1, 1)), 6, 3, per="channels"),
            "per must not be 'channels': did you mean channel",
        ),
        (
            lambda: quantise(np.ones((1, 1)), 6, 3, scale="mse"),
            "scale must not be 'mse': there are error, max",
        ),
        (
            lambda: Windowed(6, 6),
            "pattern length must be from 1 to 5, the magnitude bits of a weight of 6 bits, not 6",
        ),
    ],
)  # fmt: skip
def test_sentences(call, sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        call()
    assert str(raised.value) == sentence


def test_rounding_passes_gradients_up_to_half_a_place_beyond_the_largest() -> None:
    """The largest of N = 6, L = 3 is 28, and its lowest place 4."""
    rounding = Windowed(6, 3)
    assert rounding.high == 28
    step = np.log(np.array([[0.5]], np.float32))
    values = np.array([[13.9, 14.9, 15.1, -15.1, 5.4, 0]], np.float32)
    rounded = rounding(values, step)
    assert rounded.codes.tolist() == [[28, 28, 28, -28, 10, 0]]
    assert rounded.values.tolist() == [[14, 14, 14, -14, 5, 0]]
    assert rounded.inside.tolist() == [[True, True, False, False, True, True]]
    expected = np.where(rounded.inside, rounded.values - values, rounded.values)
    np.testing.assert_allclose(rounded.slope, expected, atol=1e-6)


def small_network() -> tuple[TrainedNetwork, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    images = rng.uniform(size=(64, 1, 6, 1)).astype(np.float32)
    network = TrainedNetwork(SHAPES, seed=4)
    network.quantise((8, 5), images, Windowed(5, 1))
    return network, images, rng.integers(4, size=64)


def test_penalty_is_the_textbook_admm() -> None:
    """Over two epochs: Z next to W + U, U the sum of W - Z, and gradients rho (W - Z + U)."""
    network, _, _ = small_network()
    admm = Admm(network, rho=0.5, epochs=2)
    layer = network.layers[0]
    step = np.exp(layer.parameters["weight_step"])
    legal = legal_weights(5, 1)
    dual = np.zeros_like(layer.parameters["weights"])
    for epoch in range(3):
        values = layer.parameters["weights"]
        place = np.abs((values + dual)[..., np.newaxis] / step[..., np.newaxis] - legal)
        copy = legal[place.argmin(axis=-1)] * step
        dual = dual + values - copy
        admm.start(epoch)
        gradients = [{"weights": np.ones_like(one.parameters["weights"])} for one in network.layers]
        admm.add(gradients)
        rho = 0.5 if epoch < 2 else 0
        expected = 1 + rho * (values - copy + dual)
        np.testing.assert_allclose(gradients[0]["weights"], expected, rtol=1e-5, atol=1e-6)
        layer.parameters["weights"] = values * np.float32(0.9)


def test_penalty_pulls_weights_to_legal_ones() -> None:
    distances = []
    for rho in (0, 1):
        network, images, labels = small_network()
        layer, admm = network.layers[0], Admm(network, rho, epochs=40)
        for epoch in range(40):
            admm.start(epoch)
            for _ in range(5):
                _, gradient = cross_entropy(network.forward(images), labels)
                gradients = network.backward(gradient)
                admm.add(gradients)
                for one, own in zip(network.layers, gradients, strict=True):
                    one.parameters["weights"] -= np.float32(0.1) * own["weights"]
        distances.append(np.linalg.norm(layer.parameters["weights"] - layer.round_weights().values))
    assert distances[1] < 0.1 * distances[0]
