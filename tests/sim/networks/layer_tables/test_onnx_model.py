"""Layers of quantised ONNX models: QONNX, QDQ, operators; of our network and from a quantiser."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from macsmith.contract.errors import UserError
from macsmith.networks.digits import load, quantise_images
from macsmith.networks.layer_tables.layers import MatrixProduct, Workload
from macsmith.networks.layer_tables.onnx_model import read_onnx
from macsmith.networks.onnx_graph.runtime_check import session_of
from tests.support.onnx_models import (
    FLOAT_MACS,
    QONNX,
    constant,
    digits_qdq,
    digits_qonnx,
    float_network,
    model_of,
)


def layers_of(model: onnx.ModelProto, folder: Path) -> Workload:
    """Return what is read of a model, by way of a file."""
    path = folder / "model.onnx"
    onnx.save(model, path)
    return read_onnx(path)


def expected(precision: str) -> list[tuple[str, int, float]]:
    """Return name, products an image and share of zero weights, from the numpy workload."""
    network = load(precision)
    found = []
    for index, layer in enumerate(network.layers):
        acts, weights = network.gemm(index, network.images[:1])
        found.append((layer.name, len(acts) * weights.size, float(np.mean(weights == 0))))
    return found


@pytest.mark.parametrize("precision", ["8x8", "8x2", "4x4", "2x2"])
def test_digits_as_qonnx(precision: str, tmp_path: Path) -> None:
    found = layers_of(digits_qonnx(precision), tmp_path)
    assert [(layer.name, layer.macs, layer.weight_sparsity) for layer in found.layers] == [
        (name, macs, pytest.approx(zeros)) for name, macs, zeros in expected(precision)
    ]
    assert {layer.precision for layer in found.layers} == {precision}
    assert {layer.act_sparsity for layer in found.layers} == {None} and found.notes == ()


@pytest.mark.parametrize("precision", ["8x8", "8x4", "4x4"])
def test_digits_as_qdq(precision: str, tmp_path: Path) -> None:
    model = digits_qdq(precision)
    onnx.checker.check_model(model)
    found = layers_of(model, tmp_path)
    assert [(layer.name, layer.macs, layer.weight_sparsity) for layer in found.layers] == [
        (name, macs, pytest.approx(zeros)) for name, macs, zeros in expected(precision)
    ]
    assert {layer.precision for layer in found.layers} == {precision}


def test_the_qdq_model_is_the_digits_network() -> None:
    """Otherwise its counts would prove nothing: it runs, and reads the same digits."""
    network = load("8x8")
    codes = quantise_images(network.images, 8).transpose(0, 3, 1, 2).astype(np.float32)
    session = session_of(digits_qdq("8x8"))
    (logits,) = session.run(None, {"x": codes})
    assert np.mean(logits.argmax(axis=1) == network.infer_labels(network.images)) > 0.995


@pytest.mark.parametrize(
    ("form", "weights"), [("QDQ", 8), ("QDQ", 4), ("QOperator", 8), ("dynamic", 8)]
)
@pytest.mark.filterwarnings("ignore")
def test_models_of_a_real_quantiser(form: str, weights: int, tmp_path: Path) -> None:
    import onnxruntime.quantization as tool

    rng = np.random.default_rng(1)

    class Images(tool.CalibrationDataReader):
        left = 3

        def get_next(self):
            self.left -= 1
            images = rng.normal(size=(1, 3, 16, 16)).astype(np.float32)
            return {"x": images} if self.left >= 0 else None

    plain, path = tmp_path / "float.onnx", tmp_path / "quantised.onnx"
    onnx.save(float_network(), plain)
    kind = {8: tool.QuantType.QInt8, 4: tool.QuantType.QInt4}[weights]
    if form == "dynamic":
        tool.quantize_dynamic(plain, path, weight_type=kind)
    else:
        tool.quantize_static(
            plain, path, Images(), quant_format=tool.QuantFormat[form], weight_type=kind,
            activation_type=tool.QuantType.QUInt8, per_channel=weights == 8,
        )  # fmt: skip
    found = read_onnx(path)
    assert sorted(layer.macs for layer in found.layers) == sorted(FLOAT_MACS)
    assert {layer.precision for layer in found.layers} == {f"8x{weights}"}
    # Of some thousand normal weights, those below half a step become zero.
    most = max(found.layers, key=lambda layer: layer.macs)
    assert most.weight_sparsity is not None
    assert (0.001 if weights == 8 else 0.05) < most.weight_sparsity < (0.1 if weights == 8 else 0.4)


def test_shapes_are_those_of_the_layers_as_matrices(tmp_path: Path) -> None:
    network = load("8x8")
    matrices = [network.gemm(index, network.images[:1]) for index in range(len(network.layers))]
    sizes = [MatrixProduct(len(a), len(w), a.shape[1]) for a, w in matrices]
    for model in (digits_qonnx("8x8"), digits_qdq("8x8")):
        assert [layer.product for layer in layers_of(model, tmp_path).layers] == sizes


@pytest.mark.parametrize(
    ("node", "data", "weights", "macs", "product"),
    [
        (("Conv", {"group": 2}), [1, 4, 5, 5], [6, 2, 3, 3], 9 * 6 * 18, (9, 3, 18)),
        (("Conv", {"group": 4}), [1, 4, 5, 5], [4, 1, 2, 2], 16 * 4 * 4, (16, 1, 4)),
        (("ConvTranspose", {"group": 2}), [1, 4, 5, 5], [4, 3, 2, 2], 25 * 48, (25, 12, 2)),
        (("Gemm", {"transB": 1}), [3, 7], [5, 7], 105, (3, 5, 7)),
        (("Gemm", {"transA": 1}), [7, 3], [7, 5], 105, (3, 5, 7)),
        (("MatMul", {}), [2, 3, 7], [7, 5], 210, (6, 5, 7)),
        (("MatMul", {}), [2, 3, 7], [2, 7, 5], 210, (3, 5, 7)),
        (("MatMul", {}), [2, 3, 7], [7], 42, (6, 1, 7)),
        (("MatMul", {"swapped": 1}), [7, 5], [3, 7], 105, (5, 3, 7)),
    ],
)
def test_shapes_of_layers_by_hand(
    node: tuple[str, dict[str, Any]], data: list[int], weights: list[int], macs: int,
    product: tuple[int, int, int], tmp_path: Path,
) -> None:  # fmt: skip
    kind, attributes = node
    swapped = attributes.pop("swapped", 0)
    order = ["wq", "q"] if swapped else ["q", "wq"]
    nodes = [
        quant("x", "q"), quant("w", "wq"),
        helper.make_node(kind, order, ["y"], name="layer", **attributes),
    ]  # fmt: skip
    inside = [*PLAIN[:3], constant("w", np.ones(weights))]
    (layer,) = layers_of(model_of(nodes, inside, data, TensorProto.FLOAT, 13), tmp_path).layers
    assert (layer.macs, layer.product) == (macs, MatrixProduct(*product))


def conv(data: str = "x", weight: str = "w") -> onnx.NodeProto:
    return helper.make_node("Conv", [data, weight], ["y"], name="conv")


def quant(data: str, result: str, bits: str = "bits") -> onnx.NodeProto:
    return helper.make_node("Quant", [data, "one", "zero", bits], [result], domain="finn", signed=1)


PLAIN = [
    constant("one", 1.0), constant("zero", 0.0), constant("bits", 3.0),
    constant("w", np.arange(-4.0, 4.0).reshape(2, 4, 1, 1)),
]  # fmt: skip
SHAPE = [1, 4, 5, 5]


def test_the_model_s_own_input_is_taken_as_an_image(tmp_path: Path) -> None:
    nodes = [
        quant("w", "wq"),
        helper.make_node("Sub", ["x", "one"], ["scaled"]),
        conv("scaled", "wq"),
    ]
    found = layers_of(model_of(nodes, PLAIN, SHAPE, TensorProto.FLOAT, 13), tmp_path)
    assert [(layer.precision, layer.weight_sparsity) for layer in found.layers] == [("8x3", 1 / 8)]
    assert found.notes == ("conv: the model's input is taken as 8 bits",)


def test_a_clip_between_integers_leaves_fewer_bits(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "one", "z8"], ["q"]),
        helper.make_node("Clip", ["q", "low", "high"], ["c"]),
        helper.make_node("DequantizeLinear", ["c", "one", "z8"], ["d"]),
        helper.make_node("BipolarQuant", ["w", "one"], ["wq"], domain="finn"),
        conv("d", "wq"),
    ]
    limits = [constant(n, v, TensorProto.INT8) for n, v in (("z8", 0), ("low", -16), ("high", 15))]
    found = layers_of(model_of(nodes, PLAIN + limits, SHAPE, TensorProto.FLOAT, 13), tmp_path)
    # -1 and 1 take two bits, and there is no zero among them.
    assert [(layer.precision, layer.weight_sparsity) for layer in found.layers] == [("5x2", 0.0)]


def test_zero_points_count_as_zeros(tmp_path: Path) -> None:
    weights = constant("w8", [[[[7]], [[7]], [[1]], [[0]]]] * 2, TensorProto.UINT8)
    scales = [constant("z", 128, TensorProto.UINT8), constant("wz", 7, TensorProto.UINT8)]
    node = helper.make_node(
        "QLinearConv", ["x", "one", "z", "w8", "one", "wz", "one", "z"], ["y"], name="q"
    )
    model = model_of([node], [*PLAIN, weights, *scales], SHAPE, TensorProto.UINT8, 13)
    found = layers_of(model, tmp_path)
    assert [(layer.macs, layer.precision) for layer in found.layers] == [(2 * 25 * 4, "8x8")]
    assert found.layers[0].weight_sparsity == 0.5


def test_transposed_convolutions_count_input_pixels(tmp_path: Path) -> None:
    w = constant("w", np.ones((4, 3, 2, 2)))
    nodes = [
        quant("x", "xq"), quant("w", "wq"),
        helper.make_node("ConvTranspose", ["xq", "wq"], ["y"], strides=[2, 2]),
    ]  # fmt: skip
    found = layers_of(model_of(nodes, [*PLAIN[:3], w], SHAPE, TensorProto.FLOAT, 13), tmp_path)
    assert found.macs == 4 * 25 * 3 * 4


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "must be an ONNX model with nodes, but holds none"),
        (b"layer,macs\nconv1,5\n", "must be an ONNX model, but could not be read: "),
    ],
)
def test_what_is_no_model_is_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"bad.onnx {sentence}") as raised:
        read_onnx(path)
    assert "\n" not in str(raised.value)


BAD = [
    ([conv()], SHAPE, "must have quantised operands, but nothing quantises the weights of layer conv \\(Conv\\)"),
    (
        [helper.make_node("Sigmoid", ["x"], ["s"]), quant("w", "wq"), conv("s", "wq")], SHAPE,
        "must have quantised operands, but nothing quantises the activations of layer conv \\(Conv\\)",
    ),
    ([helper.make_node("Relu", ["x"], ["y"])], SHAPE, "must hold a convolution or a matrix product, but holds Relu"),
    (
        [quant("w", "wq"), conv("x", "wq")], ["N", 4, "h", 5],
        "must have inputs of known sizes but for the batch, not x of 1 x 4 x h x 5",
    ),
    (
        [helper.make_node("Odd", ["x"], ["o"], domain=QONNX), quant("o", "xq"), quant("w", "wq"), conv("xq", "wq")],
        SHAPE, "must have known sizes, but tensor xq at Conv conv has none",
    ),
    (
        [helper.make_node("Odd", ["x"], ["o"], domain="odd"), quant("o", "xq"), quant("w", "wq"), conv("xq", "wq")],
        SHAPE, "must have shapes that onnx can infer: .*No opset import for domain odd.*",
    ),
    (
        [quant("loop", "xq"), helper.make_node("Relu", ["xq"], ["loop"]), conv("xq", "w")], SHAPE,
        "must make a tensor before a node reads it, but Quant xq reads loop",
    ),
    (
        [quant("x", "xq"), quant("short", "wq"), conv("xq", "wq")], SHAPE,
        "must have data that fill their shapes, but short has not",
    ),
    (
        [helper.make_node("Quant", ["x", "one"], ["q"], name="odd"), quant("w", "wq"), conv("q", "wq")], SHAPE,
        "must give Quant odd at least 4 inputs, but gives 2",
    ),
    (
        [quant("x", "xq", "wide"), quant("w", "wq"), conv("xq", "wq")], SHAPE,
        "layer conv: act_bits must be 1 to 16, not 32",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("nodes", "shape", "sentence"), BAD, ids=range(len(BAD)))
def test_unusable_models_are_one_sentence(
    nodes: list, shape: list, sentence: str, tmp_path: Path
) -> None:
    short = constant("short", [1.0, 2.0])
    short.dims[:] = [3, 4, 1, 1]
    initialisers = [*PLAIN, constant("wide", 32.0), short]
    with pytest.raises(UserError, match=f"{sentence}$"):
        layers_of(model_of(nodes, initialisers, shape, TensorProto.FLOAT, 13), tmp_path)


def test_without_onnx_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    sentence = "a.onnx needs the package onnx to be read: pip install 'macsmith\\[onnx\\]'$"
    with pytest.raises(UserError, match=sentence):
        read_onnx(tmp_path / "a.onnx")
