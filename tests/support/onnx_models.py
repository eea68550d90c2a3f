"""Quantised ONNX models for tests: the digits network written in two ways, and a float network."""

from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from macsmith.networks.digits import QuantisedLayer, load

QONNX = "qonnx.custom_op.general"


def constant(name: str, values: Any, kind: int = TensorProto.FLOAT) -> TensorProto:
    """Return an initialiser."""
    array = np.asarray(values)
    return helper.make_tensor(name, kind, array.shape, array.reshape(-1).tolist())


def model_of(nodes: list, initialisers: list, shape: list, kind: int, opset: int) -> ModelProto:
    """Return a model from ``x`` to ``y``."""
    graph = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", "k"])], initialisers,
    )  # fmt: skip
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid(QONNX, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def kernel_of(layer: QuantisedLayer) -> np.ndarray:
    """Return the weights of a layer as ONNX has them: outputs, inputs, rows, columns."""
    return layer.weights.reshape(len(layer.weights), *layer.shape.kernel, -1).transpose(0, 3, 1, 2)


def layer_nodes(layer: QuantisedLayer, data: str, weight: str, bias: str, result: str) -> list:
    """Return a convolution, or for the dense layer a matrix product behind a Flatten."""
    name = layer.name
    if layer.kind == "dense":
        return [
            helper.make_node("Flatten", [data], [f"{name}_flat"]),
            helper.make_node("Transpose", [weight], [f"{name}_t"], perm=[1, 0]),
            helper.make_node("MatMul", [f"{name}_flat", f"{name}_t"], [f"{name}_acc"], name=name),
            helper.make_node("Add", [f"{name}_acc", bias], [result]),
        ]
    pads, strides = [layer.shape.padding] * 4, [layer.shape.stride] * 2
    return [
        helper.make_node(
            "Conv", [data, weight, bias], [result], name=name, pads=pads, strides=strides
        )
    ]


def digits_qdq(precision: str) -> ModelProto:
    """The digits network with QuantizeLinear and DequantizeLinear; x are the input codes.

    Activations have scale 1, weights the scale mult / 2^shift of their channel, so that a
    convolution gives what the requantiser rounds.
    """
    act_bits, weight_bits = map(int, precision.split("x"))
    act_kind = {8: TensorProto.UINT8, 4: TensorProto.UINT4}[act_bits]
    weight_kind = {8: TensorProto.INT8, 4: TensorProto.INT4}[weight_bits]
    one, zero = constant("one", 1.0), constant("zero", 0, act_kind)
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "one", "zero"], ["x_codes"]),
        helper.make_node("DequantizeLinear", ["x_codes", "one", "zero"], ["x_real"]),
    ]
    initialisers, data = [one, zero], "x_real"
    for layer in load(precision).layers:
        n, kernel = layer.name, kernel_of(layer)
        last = layer.mult is None
        scale = np.ones(len(kernel)) if last else layer.mult / 2.0**layer.shift
        weights = kernel.reshape(len(kernel), -1) if last else kernel
        initialisers += [
            constant(f"{n}_w", weights, weight_kind),
            constant(f"{n}_s", scale),
            constant(f"{n}_b", layer.bias * scale),
        ]
        nodes.append(
            helper.make_node("DequantizeLinear", [f"{n}_w", f"{n}_s"], [f"{n}_real"], axis=0)
        )
        result = "y" if last else f"{n}_out"
        nodes += layer_nodes(layer, data, f"{n}_real", f"{n}_b", result)
        if not last:
            data = f"{n}_act"
            nodes += [
                helper.make_node("QuantizeLinear", [result, "one", "zero"], [f"{n}_codes"]),
                helper.make_node("DequantizeLinear", [f"{n}_codes", "one", "zero"], [data]),
            ]
    return model_of(nodes, initialisers, ["N", 1, 8, 8], TensorProto.FLOAT, 21)


def digits_qonnx(precision: str) -> ModelProto:
    """The digits network with Quant nodes, its weights in floating point."""
    act_bits, weight_bits = map(int, precision.split("x"))
    initialisers = [
        constant("one", 1.0), constant("zero", 0.0), constant("half", 0.5),
        constant("act_bits", float(act_bits)), constant("weight_bits", float(weight_bits)),
    ]  # fmt: skip

    def quant(data: str, scale: str, bits: str, result: str, signed: int) -> Any:
        return helper.make_node(
            "Quant", [data, scale, "zero", bits], [result], domain=QONNX, signed=signed, narrow=0,
            rounding_mode="ROUND",
        )  # fmt: skip

    nodes, data = [quant("x", "one", "act_bits", "x_q", 0)], "x_q"
    for layer in load(precision).layers:
        n, kernel = layer.name, kernel_of(layer)
        last = layer.mult is None
        weights = (kernel.reshape(len(kernel), -1) if last else kernel) * 0.5
        initialisers += [constant(f"{n}_w", weights), constant(f"{n}_b", layer.bias * 0.5)]
        nodes.append(quant(f"{n}_w", "half", "weight_bits", f"{n}_q", 1))
        nodes += layer_nodes(layer, data, f"{n}_q", f"{n}_b", "y" if last else f"{n}_out")
        if not last:
            data = f"{n}_act"
            nodes.append(helper.make_node("Relu", [f"{n}_out"], [f"{n}_relu"]))
            nodes.append(quant(f"{n}_relu", "one", "act_bits", data, 0))
    return model_of(nodes, initialisers, ["N", 1, 8, 8], TensorProto.FLOAT, 13)


def float_network() -> ModelProto:
    """A network in floating point with a grouped convolution, a branch and dense layers."""
    rng = np.random.default_rng(1)

    def weights(name: str, *shape: int) -> TensorProto:
        return numpy_helper.from_array(rng.normal(size=shape).astype(np.float32), name)

    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w1", "b1"], ["c1"], name="conv", pads=[1, 1, 1, 1]),
        node("Relu", ["c1"], ["r1"]),
        node(
            "Conv", ["r1", "w2"], ["c2"], name="depthwise", group=16, pads=[1] * 4, strides=[2, 2]
        ),
        node("Relu", ["c2"], ["r2"]),
        node("Conv", ["r2", "w3"], ["c3"], name="pointwise"),
        node("MaxPool", ["r1"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["p", "w4"], ["c4"], name="skip"),
        node("Add", ["c3", "c4"], ["sum"], name="sum"),
        node("GlobalAveragePool", ["sum"], ["g"], name="pool"),
        node("Flatten", ["g"], ["f"]),
        node("Gemm", ["f", "w5", "b5"], ["d"], transB=1, name="dense"),
        node("MatMul", ["d", "w6"], ["y"], name="last"),
    ]
    initialisers = [
        weights("w1", 16, 3, 3, 3), weights("b1", 16), weights("w2", 16, 1, 3, 3),
        weights("w3", 32, 16, 1, 1), weights("w4", 32, 16, 1, 1), weights("w5", 10, 32),
        weights("b5", 10), weights("w6", 10, 4),
    ]  # fmt: skip
    return model_of(nodes, initialisers, ["N", 3, 16, 16], TensorProto.FLOAT, 21)


FLOAT_MACS = (
    16 * 16 * 16 * 27, 16 * 8 * 8 * 9, 32 * 8 * 8 * 16, 32 * 8 * 8 * 16, 32 * 10, 10 * 4,
)  # fmt: skip
"""Products of its layers, by hand: conv, depthwise, pointwise, skip, dense, last."""
