"""Shapes of the tensors of an ONNX model, quantised or not, and the products of its layers."""

from collections.abc import Iterable, Mapping
from math import prod
from pathlib import Path
from typing import Any

from macsmith.contract.errors import UserError
from macsmith.networks.layer_tables.layers import MatrixProduct
from macsmith.networks.layer_tables.onnx_folding import fold

LAYERS = {
    "Conv": (0, 1),
    "ConvTranspose": (0, 1),
    "Gemm": (0, 1),
    "MatMul": (0, 1),
    "QLinearConv": (0, 3),
    "QLinearMatMul": (0, 3),
    "QGemm": (0, 3),
    "ConvInteger": (0, 1),
    "MatMulInteger": (0, 1),
}
"""Operators that multiply and accumulate, and which of their inputs are the two operands."""

_QUANTISERS = ("Quant", "IntQuant", "BipolarQuant", "Trunc", "QuantizeLinear", "DequantizeLinear",
               "DynamicQuantizeLinear")  # fmt: skip
_OF_ONE = ("AveragePool", "GlobalAveragePool", "LeakyRelu", "Sigmoid", "Softmax")
_OF_TWO = ("Add", "Mul")

_PLAIN = {
    **{kind: ("Identity", (0,)) for kind in _QUANTISERS},
    **{f"QLinear{kind}": (kind, (0,)) for kind in _OF_ONE},
    **{f"QLinear{kind}": (kind, (0, 3)) for kind in _OF_TWO},
    "QLinearConv": ("Conv", LAYERS["QLinearConv"]),
    "QLinearMatMul": ("MatMul", LAYERS["QLinearMatMul"]),
    "QGemm": ("Gemm", LAYERS["QGemm"]),
    "ConvInteger": ("Conv", LAYERS["ConvInteger"]),
    "MatMulInteger": ("MatMul", LAYERS["MatMulInteger"]),
}
"""Quantised operators as plain ones: name, and which inputs are data."""

Shape = tuple[int, ...]


def known_shapes(model: Any, path: Path) -> dict[str, Shape]:
    """Return the shape of every tensor that has one.

    onnx knows no shapes behind the operators of QONNX or of ONNX Runtime, and some operators have
    no integer form. So shapes are those of the same graph in floating point.
    """
    from onnx import TensorProto, helper, shape_inference

    plain = type(model)()
    plain.CopyFrom(model)
    graph = plain.graph
    weights = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    for value in graph.input:
        if value.name not in weights:
            _fix_batch(value, path)
    stated = _shapes(graph.value_info)
    # Their types are those of the quantised graph, which would contradict.
    del graph.value_info[:], graph.output[:]
    scalars = [
        name for node in graph.node for name in node.output[1:] if "Quantize" in node.op_type
    ]
    graph.value_info.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ()) for name in scalars
    )
    nodes = [_plain(node) for node in graph.node]
    del graph.node[:]
    graph.node.extend(nodes)

    def infer(of: Any) -> dict[str, Shape]:
        try:
            inferred = shape_inference.infer_shapes(of, data_prop=True).graph
        except shape_inference.InferenceError as error:
            first = (str(error).splitlines() or ["unknown"])[0]
            raise UserError(f"{path} must have shapes that onnx can infer: {first}") from None
        constants = {tensor.name: tuple(tensor.dims) for tensor in of.graph.initializer}
        return _known_first(stated, _shapes((*inferred.input, *inferred.value_info))) | constants

    return fold(plain, infer)


def _known_first(stated: dict[str, Shape], inferred: dict[str, Shape]) -> dict[str, Shape]:
    """Return inferred shapes, and stated ones where an inferred one has an unknown size."""
    return stated | {
        name: shape for name, shape in inferred.items() if all(shape) or name not in stated
    }


def _shapes(values: Iterable[Any]) -> dict[str, Shape]:
    """Return the shapes of tensors that have one; a size that is unknown is 0."""
    return {
        value.name: tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
        for value in values
        if value.type.tensor_type.HasField("shape")
    }


def matrix_product(node: Any, shapes: Mapping[str, Shape], path: Path) -> tuple[int, MatrixProduct]:
    """Return how many matrix products a layer is, one a group, and what each of them multiplies.

    A transposed convolution multiplies each pixel of its input by all weights of its group and adds
    the results where they overlap; these additions are no part of its dot products.
    """
    data, weight = (node.input[at] for at in LAYERS[node.op_type])
    result = node.output[0]
    transposed = node.op_type == "ConvTranspose"
    wanted = (data, weight) if transposed else (weight, data, result)
    for tensor in wanted:
        shape = shapes.get(tensor, ())
        if not shape or not all(shape):
            raise UserError(
                f"{path} must have known sizes, but tensor {tensor} at {node.op_type} "
                f"{node.name or result} has none"
            )
    if "Conv" in node.op_type:
        groups = next((one.i for one in node.attribute if one.name == "group"), 1)
        batch, channels, *pixels = shapes[data if transposed else result]
        filters, *kernel = shapes[weight]
        m = batch * prod(pixels)
        if transposed:
            return groups, MatrixProduct(m, prod(kernel), channels // groups)
        return groups, MatrixProduct(m, filters // groups, prod(kernel))
    flipped = any(one.name == "transA" and one.i for one in node.attribute)
    k = shapes[data][-2 if flipped else -1]
    outputs = prod(shapes[result])
    if len(shapes[weight]) <= 2:  # one matrix for all rows
        n = shapes[result][-1] if len(shapes[weight]) == 2 else 1
        return 1, MatrixProduct(outputs // n, n, k)
    m, n = shapes[result][-2:] if len(shapes[data]) > 1 else (1, shapes[result][-1])
    return outputs // (m * n), MatrixProduct(m, n, k)


def _fix_batch(value: Any, path: Path) -> None:
    """Set an unknown first size of an input to 1."""
    dims = value.type.tensor_type.shape.dim
    for place, dim in enumerate(dims):
        if dim.dim_value > 0:
            continue
        if place:
            raise UserError(
                f"{path} must have inputs of known sizes but for the batch, not {value.name} of "
                f"{' x '.join(str(one.dim_value or one.dim_param or '?') for one in dims)}"
            )
        dim.dim_value = 1


def _plain(node: Any) -> Any:
    """Return a node with the plain operator of the same shape in its place."""
    from onnx import helper

    if node.op_type not in _PLAIN:
        return node
    kind, data = _PLAIN[node.op_type]
    plain = helper.make_node(kind, [node.input[at] for at in data], node.output[:1])
    if kind != "Identity":
        plain.attribute.extend(node.attribute)
    return plain
