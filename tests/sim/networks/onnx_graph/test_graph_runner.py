"""Quantised models in integers: sums against ONNX Runtime's integer operators, results within a step."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

from macsmith.contract.errors import UserError
from macsmith.host.int64s import Int64s
from macsmith.networks.digits import load, quantise_images
from macsmith.networks.onnx_graph.fixed_point_scales import mult_and_shift
from macsmith.networks.onnx_graph.graph_runner import GraphRunner
from macsmith.networks.onnx_graph.runtime_check import Steps, compared, session_of
from tests.support.onnx_models import digits_qdq, digits_qonnx, float_network

HERE = Path("model.onnx")


def exact(name: str, acts: Int64s, weights: Int64s, act_bits: int, weight_bits: int) -> Int64s:
    """Multiply as an array does, and check that operands are of their bits."""
    assert acts.min(initial=0) >= 0 and acts.max(initial=0) < 1 << act_bits
    assert -(1 << weight_bits - 1) <= weights.min(initial=0)
    assert weights.max(initial=0) < 1 << weight_bits - 1
    return acts @ weights


def ran(model: ModelProto, **inputs: Any) -> tuple[dict[str, Any], Steps]:
    """Return every tensor of a run, and how far its results are from ONNX Runtime's."""
    runner = GraphRunner(model, HERE, exact)
    tensors = runner.run(inputs)
    return tensors, compared(model, runner.requantisers, tensors)


def one_node(
    node: Any, inputs: dict[str, Any], constants: dict[str, Any], kind: Any = np.int32
) -> ModelProto:
    """Return a model of one node whose result is of a type."""
    given = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(values.dtype), values.shape
        )
        for name, values in inputs.items()
    ]
    result = helper.make_tensor_value_info(
        "y", helper.np_dtype_to_tensor_dtype(np.dtype(kind)), None
    )
    tensors = [numpy_helper.from_array(values, name) for name, values in constants.items()]
    graph = helper.make_graph([node], "one", given, [result], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


@pytest.mark.parametrize(
    "attributes",
    [
        {}, {"pads": [1, 0, 2, 1]}, {"strides": [2, 3]}, {"dilations": [2, 1]}, {"group": 2},
        {"group": 4, "pads": [1] * 4}, {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
        {"auto_pad": "SAME_LOWER", "strides": [2, 2]}, {"auto_pad": "VALID"},
        {"dilations": [2, 2], "strides": [2, 1], "pads": [2, 2, 1, 1], "group": 2},
    ],
)  # fmt: skip
def test_sums_are_those_of_integer_convolutions(attributes: dict[str, Any]) -> None:
    rng = np.random.default_rng(1)
    group = attributes.get("group", 1)
    x = rng.integers(0, 256, (2, 4, 9, 8), np.uint8)
    w = rng.integers(0, 256, (8, 4 // group, 3, 2), np.uint8)
    constants = {"w": w, "xz": np.uint8(131), "wz": np.uint8(117)}
    node = helper.make_node("ConvInteger", ["x", "w", "xz", "wz"], ["y"], **attributes)
    model = one_node(node, {"x": x}, constants)
    (theirs,) = session_of(model).run(None, {"x": x})
    tensors, _ = ran(model, x=x)
    assert tensors["y"].values.dtype == np.int32
    assert np.array_equal(tensors["y"].values, theirs)


@pytest.mark.parametrize("shapes", [((5, 7), (7, 3)), ((2, 5, 7), (7, 3)), ((2, 5, 7), (2, 7, 3))])
def test_sums_are_those_of_integer_products(shapes: tuple[Any, Any]) -> None:
    rng = np.random.default_rng(2)
    a, b = rng.integers(0, 256, shapes[0], np.uint8), rng.integers(-128, 128, shapes[1], np.int8)
    node = helper.make_node("MatMulInteger", ["a", "b", "az", "bz"], ["y"])
    model = one_node(node, {"a": a, "b": b}, {"az": np.uint8(9), "bz": np.int8(-3)})
    feeds = {"a": a, "b": b}
    # ONNX Runtime's products of bytes saturate on processors without VNNI; the standard's do not.
    (theirs,) = ReferenceEvaluator(model).run(None, feeds)
    tensors, _ = ran(model, **feeds)
    assert np.array_equal(tensors["y"].values, theirs)


@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_requantised_results_are_a_step_away_at_most(kind: Any) -> None:
    rng = np.random.default_rng(3)
    x = rng.integers(0, 128, (1, 4, 8, 8)).astype(kind)
    constants = {
        "xs": np.float32(0.031), "xz": kind(7), "ws": rng.random(8).astype(np.float32) * 0.01 + 0.01,
        "w": rng.integers(-127, 128, (8, 4, 3, 3), np.int8), "wz": np.zeros(8, np.int8),
        "ys": np.float32(0.13), "yz": kind(3), "b": rng.integers(-999, 999, 8, np.int32),
    }  # fmt: skip
    names = ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"]
    model = one_node(helper.make_node("QLinearConv", names, ["y"]), {"x": x}, constants, kind)
    tensors, steps = ran(model, x=x)
    assert tensors["y"].values.dtype == kind
    assert steps.results == tensors["y"].values.size > 0
    assert steps.greatest <= 1 and steps.apart < steps.results / 50
    assert len(np.unique(tensors["y"].values)) > 50


@pytest.mark.parametrize("precision", ["8x8", "8x4"])
def test_digits_are_the_networks_own(precision: str) -> None:
    network = load(precision)
    images = network.images[:8]
    pixels = quantise_images(images, network.activation_bits, network.pixel_max)
    tensors, steps = ran(digits_qdq(precision), x=pixels.transpose(0, 3, 1, 2).astype(np.float32))
    assert np.array_equal(tensors["y"].values.reshape(8, -1), network.infer(images))
    assert steps.greatest <= 1


@pytest.mark.parametrize("precision", ["8x8", "4x4"])
def test_qonnx_is_what_its_quantisers_say(precision: str) -> None:
    network = load(precision)
    most = 2**network.activation_bits - 1
    codes = quantise_images(network.images[:4], network.activation_bits, network.pixel_max)
    tensors, _ = ran(digits_qonnx(precision), x=codes.transpose(0, 3, 1, 2).astype(np.float32))
    for layer in network.layers:
        # Weights of scale 1/2, everything else of scale 1.
        real = layer.accumulate(codes) / 2
        codes = np.clip(np.rint(real), 0, most).astype(np.int64)
    assert np.array_equal(tensors["y"].values.reshape(4, -1), real.reshape(4, -1))


class _Noise(CalibrationDataReader):
    def __init__(self, shape: tuple[int, ...], runs: int = 4) -> None:
        rng = np.random.default_rng(0)
        self._left = iter([{"x": rng.normal(size=shape).astype(np.float32)} for _ in range(runs)])

    def get_next(self) -> Any:
        return next(self._left, None)


@pytest.mark.parametrize("form", [QuantFormat.QDQ, QuantFormat.QOperator])
def test_a_network_that_onnxruntime_has_quantised(form: QuantFormat, tmp_path: Path) -> None:
    import onnx

    source, path = tmp_path / "float.onnx", tmp_path / "quantised.onnx"
    onnx.save(float_network(), source)
    quantize_static(str(source), str(path), _Noise((1, 3, 16, 16)), quant_format=form,
                    per_channel=True)  # fmt: skip
    model = onnx.load(path)
    x = np.random.default_rng(5).normal(size=(1, 3, 16, 16)).astype(np.float32)
    tensors, steps = ran(model, x=x)
    assert steps.results > 1000 and steps.greatest <= 1
    session = session_of(model)
    (theirs,) = session.run(None, {"x": x})
    ours = tensors["y"].values
    # Steps of the layers add up over five of them.
    assert np.abs(ours - theirs).max() < 0.05 * np.abs(theirs).max()


def test_all_that_cannot_run_is_named_at_once() -> None:
    nodes = [
        helper.make_node("LSTM", ["x", "w", "r"], ["a"], hidden_size=2),
        helper.make_node("Strange", ["a"], ["b"], domain="mine"),
        helper.make_node("ConvTranspose", ["b", "w"], ["y"]),
    ]
    model = one_node(nodes[0], {"x": np.zeros(1, np.float32)}, {})
    model.graph.node.extend(nodes[1:])
    message = (
        "model.onnx must hold operators that can run, which ConvTranspose, LSTM, Strange cannot"
    )
    with pytest.raises(UserError, match=f"^{message}$"):
        GraphRunner(model, HERE, exact)


def test_multipliers_are_the_nearest_of_sixteen_bits() -> None:
    factors = np.array([0.0, 1.0, 0.3, 1e-5, 65535.0, 1 / 3, 2.0**-40])
    mult, shift = mult_and_shift(factors)
    assert (mult < 1 << 16).all() and (shift >= 0).all() and (shift <= 47).all()
    np.testing.assert_allclose(mult / 2.0**shift, factors, rtol=2.0**-16)
    with pytest.raises(
        UserError, match=r"^scales must make multipliers from 0 to below 65536, not 70000$"
    ):
        mult_and_shift(np.array([7e4]))
