"""Random ONNX graphs: operators that are known and such that are not, shapes known or not."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

_UNARY = (
    "Relu", "Identity", "Sigmoid", "Abs", "Flatten", "Transpose", "Softmax", "Neg", "Shape", "Size",
    "GlobalAveragePool", "GlobalMaxPool", "LeakyRelu", "Exp", "Sqrt", "Erf", "Squeeze", "Dropout",
    "NonZero", "Unknown", "ReduceSum", "ReduceMax", "HardSwish", "Elu", "Ceil", "Cast", "Trilu",
)  # fmt: skip
_BINARY = ("Add", "Mul", "Sub", "Div", "MatMul", "Max", "Concat", "Where", "Pow", "Einsum", "Reshape",
           "Gather", "Expand", "Tile", "Slice", "Pad")  # fmt: skip
_SHAPES: tuple[Any, ...] = (
    [1, 4, 6, 6],
    ["N", 4, 6, 6],
    [1, 8],
    [3],
    [],
    None,
    [0, 4],
    ["a", "b", "c", "d"],
    [2, 3, 4],
)


def often(rng: random.Random, usual: Sequence[Any], odd: Sequence[Any]) -> Any:
    """Return one of the usual, or now and then of the odd."""
    return rng.choice(usual if rng.random() < 0.93 else odd)


def random_model(seed: int) -> ModelProto:
    """Return a graph of a few nodes; many are not as their operators want them."""
    rng = random.Random(seed)
    numbers = np.random.default_rng(seed)
    tensors, nodes = ["x"], list[Any]()
    initialisers: list[Any] = []

    def constant(values: Any) -> str:
        name = f"c{len(initialisers)}"
        initialisers.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def add(kind: str, inputs: list[str], domain: str = "", **attributes: Any) -> str:
        result = f"t{len(nodes)}"
        name = rng.choice(["", f"n{len(nodes)}"])
        nodes.append(helper.make_node(kind, inputs, [result], name, domain=domain, **attributes))
        tensors.append(result)
        return result

    def quantise(data: str) -> str:
        if rng.random() < 0.3:
            bits = constant(np.float32(often(rng, [2, 4, 8], [1, 0, 2.5, 40])))
            scale = constant(np.float32(often(rng, [0.1, 0.5], [0.0, -1.0])))
            return add("Quant", [data, scale, constant(np.float32(0)), bits],
                       "qonnx.custom_op.general", signed=rng.randint(0, 1), narrow=rng.randint(0, 1),
                       rounding_mode=often(rng, ["ROUND", "FLOOR"], ["ODD"]))  # fmt: skip
        kind = often(rng, [np.uint8, np.int8], [np.int32, np.float32])
        scale = constant(np.float32(often(rng, [0.1, 0.02], [0.0, np.nan, 1e30])))
        zero = constant(kind(rng.choice([0, 3])))
        return add("DequantizeLinear", [add("QuantizeLinear", [data, scale, zero]), scale, zero])

    for _ in range(rng.randint(1, 8)):
        data = often(rng, tensors[-1:], tensors)
        choice = rng.random()
        if choice < 0.3:
            quantise(data)
        elif choice < 0.5:
            size = often(rng, [(4, 4, 3, 3)], [(4, 1, 3, 3), (2, 2)])
            weights = constant(numbers.normal(size=size).astype(np.float32))
            attributes: dict[str, Any] = often(
                rng, [{}, {"pads": [1] * 4}, {"auto_pad": "SAME_UPPER"}, {"strides": [2, 1]}],
                [{"pads": [1]}, {"strides": [0, 1]}, {"dilations": [9, 9]}, {"auto_pad": "ODD"}],
            )  # fmt: skip
            if size == (4, 1, 3, 3):
                attributes = attributes | {"group": 4}
            add("Conv", [quantise(data), quantise(weights)], **attributes)
        elif choice < 0.6:
            size = rng.choice([(6, 5), (8, 10), (4, 4), (2, 6, 3)])
            weights = constant(numbers.normal(size=size).astype(np.float32))
            add(rng.choice(["MatMul", "Gemm"]), [quantise(data), quantise(weights)])
        elif choice < 0.7:
            kernel = often(rng, [[2, 2], [3, 3]], [[9, 9], [2], [0, 0]])
            add(rng.choice(["MaxPool", "AveragePool"]), [data], kernel_shape=kernel,
                ceil_mode=rng.randint(0, 1))  # fmt: skip
        elif choice < 0.85:
            add(often(rng, _UNARY[:10], _UNARY), [data])
        else:
            other = rng.choice([*tensors, constant(np.int64(rng.choice([0, 1, -1, 10**9]))),
                                constant(np.array([1, -1], np.int64))])  # fmt: skip
            add(rng.choice(_BINARY), [data, other])
    if rng.random() < 0.1:
        rng.shuffle(nodes)
    if rng.random() < 0.1:
        nodes[0].input[0] = rng.choice(["", "nowhere"])
    kind = often(rng, [TensorProto.FLOAT], [TensorProto.UINT8, TensorProto.STRING])
    shape = often(rng, _SHAPES[:2], _SHAPES)
    graph = helper.make_graph(
        nodes, "random", [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(tensors[-1], TensorProto.FLOAT, None)], initialisers,
    )  # fmt: skip
    opset = helper.make_opsetid("", rng.choice([9, 11, 13, 17, 21]))
    return helper.make_model(graph, opset_imports=[opset], ir_version=10)
