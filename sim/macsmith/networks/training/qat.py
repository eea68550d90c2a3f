"""Quantisation-aware training of a stack of convolutions, in numpy.

The forward pass rounds weights, biases and activations as the integer network will; the backward
pass takes rounding as the identity inside the range of the codes and as a constant outside
(straight-through estimator). Step sizes are trained too: Esser et al., "Learned step size
quantization", ICLR 2020, here through their logarithm, so that a step stays positive.
A float network is the same without the rounding.
"""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from macsmith.networks.digits import LayerShape
from macsmith.networks.im2col import col2im, im2col

Floats: TypeAlias = NDArray[np.float32]
Parameters: TypeAlias = dict[str, Floats]


@dataclass(frozen=True)
class Rounded:
    """Values rounded to multiples of a step and clipped, with what the backward pass needs."""

    codes: Floats
    values: Floats
    """``codes`` times the step."""
    inside: NDArray[np.bool_]
    slope: Floats
    """Derivative of ``values`` by the logarithm of the step."""


class Rounding(Protocol):
    """Rounds values (rows, K) to multiples of steps, given by their logarithms (rows, 1)."""

    @property
    def high(self) -> int:
        """Largest code."""

    def __call__(self, values: Floats, log_step: Floats) -> Rounded:
        """Round ``values`` to ``step * code``."""


def fake_quantise(values: Floats, log_step: Floats, low: int, high: int) -> Rounded:
    """Round ``values`` to ``step * code``, code in ``low`` to ``high``, ties to even."""
    step = np.exp(log_step)
    scaled = values / step
    codes = np.clip(np.rint(scaled), low, high)
    inside = (scaled > low - 0.5) & (scaled < high + 0.5)
    return Rounded(codes, codes * step, inside, (codes - np.where(inside, scaled, 0)) * step)


@dataclass(frozen=True)
class Uniform:
    """Rounding to all codes from ``low`` to ``high``."""

    low: int
    high: int

    def __call__(self, values: Floats, log_step: Floats) -> Rounded:
        return fake_quantise(values, log_step, self.low, self.high)


def twos_complement(bits: int) -> Uniform:
    """Rounding to two's-complement codes."""
    half = 1 << (bits - 1)
    return Uniform(-half, half - 1)


def initial_log_step(values: Floats, rounding: Rounding) -> Floats:
    """Logarithm (rows, 1) of the step that rounds a row of ``values`` with the least square error.

    Tried are the steps that put the largest code at 1/40 to 40/40 of the row's largest magnitude.
    """
    largest = np.maximum(np.abs(values).max(axis=1, keepdims=True), np.float32(1e-4))
    tried = [np.log(largest * np.float32(share / 40 / rounding.high)) for share in range(1, 41)]
    errors = [np.sum((rounding(values, step).values - values) ** 2, axis=1) for step in tried]
    best = np.argmin(errors, axis=0)
    return np.stack(tried)[best, np.arange(len(values))]


class TrainedLayer:
    """A convolution with ReLU, in float or at (activation bits, weight bits).

    ``parameters``: ``weights`` (cols, K), ``bias`` (cols,) and, once quantised, ``weight_step``
    (cols, 1), or (1, 1) in the last layer, and ``output_step`` (1, 1), none in the last layer.
    The steps are logarithms.
    """

    def __init__(self, shape: LayerShape, parameters: Parameters, last: bool) -> None:
        self.shape = shape
        self.parameters = parameters
        self.last = last
        self.precision: tuple[int, int] | None = None
        self.mask: NDArray[np.bool_] | None = None

    def quantise(
        self, precision: tuple[int, int], outputs: Floats, rounding: Rounding | None = None
    ) -> None:
        """Start rounding; ``outputs`` of the float layer on a few inputs give the first steps.

        Weights are rounded to two's complement unless another rounding is given.
        """
        self.precision = precision
        activation_bits, weight_bits = precision
        self.rounding = rounding or twos_complement(weight_bits)
        weights = self.parameters["weights"]
        rows = weights.reshape(1, -1) if self.last else weights
        self.parameters["weight_step"] = initial_log_step(rows, self.rounding)
        if not self.last:
            codes = Uniform(0, (1 << activation_bits) - 1)
            self.parameters["output_step"] = initial_log_step(outputs.reshape(1, -1), codes)

    def prune(self, mask: NDArray[np.bool_]) -> None:
        """Keep only the weights of a mask (cols, K); the others stay zero from here on."""
        self.mask = mask
        self.parameters["weights"] *= mask

    def forward(self, inputs: Floats, input_log_step: Floats) -> Floats:
        """Outputs (n, h, w, cols) of inputs (n, h, w, c), which are multiples of their step."""
        self.input_shape = inputs.shape
        self.matrix = im2col(inputs, self.shape.kernel, self.shape.stride, self.shape.padding)
        weights, bias = self.parameters["weights"], self.parameters["bias"]
        if self.precision is not None:
            self.rounded = self.round_weights()
            weights = self.rounded.values
            unit = np.exp(input_log_step[0] + self.parameters["weight_step"][:, 0])
            bias = np.rint(bias / unit) * unit
        self.used_weights = weights
        acc = self.matrix @ weights.T + bias
        if not self.last:
            acc = self._activate(acc)
        return acc.reshape(len(inputs), *self.shape.output(inputs.shape[1:]))

    def round_weights(self) -> Rounded:
        """Round the weights of a quantised layer, as they are now."""
        return self.rounding(self.parameters["weights"], self.parameters["weight_step"])

    def _activate(self, acc: Floats) -> Floats:
        if self.precision is None:
            self.passed = acc > 0
            return acc * self.passed
        top = (1 << self.precision[0]) - 1
        self.rounded_outputs = fake_quantise(acc, self.parameters["output_step"], 0, top)
        self.passed = self.rounded_outputs.inside
        return self.rounded_outputs.values

    def backward(self, gradient: Floats) -> tuple[Floats, Parameters]:
        """Gradients of the inputs and of the parameters, from the gradient of the outputs."""
        gradients: Parameters = {}
        gradient = gradient.reshape(-1, self.shape.channels)
        if not self.last:
            if self.precision is not None:
                slope = np.sum(gradient * self.rounded_outputs.slope)
                gradients["output_step"] = slope.reshape(1, 1)
            gradient = gradient * self.passed
        gradients["bias"] = gradient.sum(axis=0)
        weights = gradient.T @ self.matrix
        if self.precision is not None:
            axis = None if self.last else 1
            slope = np.sum(weights * self.rounded.slope, axis=axis, keepdims=True)
            gradients["weight_step"] = slope
            weights = weights * self.rounded.inside
        # Adam does not move what never had a gradient.
        gradients["weights"] = weights if self.mask is None else weights * self.mask
        inputs = col2im(
            gradient @ self.used_weights,
            self.input_shape,
            self.shape.kernel,
            self.shape.stride,
            self.shape.padding,
        )
        return inputs, gradients


class TrainedNetwork:
    """A stack of layers that classifies images (n, h, w, 1) with values 0 to 1."""

    def __init__(self, shapes: tuple[LayerShape, ...], seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.layers = []
        channels = 1
        for shape in shapes:
            products = shape.kernel[0] * shape.kernel[1] * channels
            weights = rng.normal(scale=np.sqrt(2 / products), size=(shape.channels, products))
            parameters = {
                "weights": weights.astype(np.float32),
                "bias": np.zeros(shape.channels, dtype=np.float32),
            }
            self.layers.append(TrainedLayer(shape, parameters, last=shape is shapes[-1]))
            channels = shape.channels
        self.input_log_step = np.zeros((1, 1), dtype=np.float32)

    def quantise(
        self, precision: tuple[int, int], images: Floats, rounding: Rounding | None = None
    ) -> None:
        """Round from here on, at (activation bits, weight bits); ``images`` set the first steps."""
        self.input_log_step -= np.float32(np.log((1 << precision[0]) - 1))
        values = images
        for layer in self.layers:
            values = layer.forward(values, self.input_log_step)
            layer.quantise(precision, values, rounding)

    def forward(self, images: Floats) -> Floats:
        """Logits (n, 10) of images (n, h, w, 1)."""
        values, log_step = images, self.input_log_step
        for layer in self.layers:
            values = layer.forward(values, log_step)
            log_step = layer.parameters.get("output_step", log_step)
        return values.reshape(len(images), -1)

    def backward(self, gradient: Floats) -> list[Parameters]:
        """Gradients of all parameters, layer by layer, from the gradient of the logits."""
        gradients = []
        for layer in reversed(self.layers):
            gradient, own = layer.backward(gradient)
            gradients.append(own)
        return gradients[::-1]


class Adam:
    """Kingma and Ba, "Adam", ICLR 2015, over the parameters of a network."""

    def __init__(self, network: TrainedNetwork) -> None:
        self.parameters = [layer.parameters for layer in network.layers]
        self.means = [{k: np.zeros_like(v) for k, v in p.items()} for p in self.parameters]
        self.squares = [{k: np.zeros_like(v) for k, v in p.items()} for p in self.parameters]
        self.steps = 0

    def step(self, gradients: list[Parameters], rate: float) -> None:
        """Move the parameters in place against ``gradients``, by about ``rate`` each."""
        self.steps += 1
        unbias_mean, unbias_square = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        for index, layer in enumerate(gradients):
            for key, gradient in layer.items():
                mean, square = self.means[index][key], self.squares[index][key]
                mean += np.float32(0.1) * (gradient - mean)
                square += np.float32(0.001) * (gradient * gradient - square)
                move = mean / unbias_mean / (np.sqrt(square / unbias_square) + 1e-8)
                self.parameters[index][key] -= np.float32(rate) * move


def cross_entropy(logits: Floats, labels: NDArray[np.int64]) -> tuple[float, Floats]:
    """Mean loss in nats of logits (n, classes), and its gradient by the logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_share = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    index = np.arange(len(labels))
    gradient = np.exp(log_share)
    gradient[index, labels] -= 1
    return -float(log_share[index, labels].mean()), gradient / np.float32(len(labels))
