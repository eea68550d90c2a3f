"""The layers of a quantised ONNX model: products from its shapes, bits from its quantisers.

Three ways to write a quantised model are read:

    QONNX       Quant, IntQuant, BipolarQuant and Trunc nodes before a layer's inputs
    QDQ         QuantizeLinear and DequantizeLinear before a layer's inputs, Clip between them
    operators   QLinearConv, QLinearMatMul, QGemm, ConvInteger, MatMulInteger

A frame is one run of the model; a batch of unknown size counts as 1.
"""

from pathlib import Path
from typing import Any

from macsmith.contract.errors import UserError
from macsmith.networks.layer_tables.layers import Layer, MatrixProduct, Workload
from macsmith.networks.layer_tables.onnx_operands import Operand, OperandTracer
from macsmith.networks.layer_tables.onnx_shapes import LAYERS, known_shapes, matrix_product

HIDDEN = (
    "LSTM", "GRU", "RNN", "Einsum", "If", "Loop", "Scan", "Attention", "QAttention", "MatMulNBits",
    "DynamicQuantizeMatMul",
)  # fmt: skip
"""Operators that may multiply and that are not counted."""

_INPUTS = {"Quant": 4, "IntQuant": 4, "Trunc": 4, "QuantizeLinear": 2, "DequantizeLinear": 2}
"""Inputs that an operator must have, besides those of layers."""

INPUT_BITS = 8
"""Bits of a model's input where nothing quantises it, as of an image."""


def read_onnx(path: Path) -> Workload:
    """Read the layers of a model.

    Raises
    ------
    UserError
        If onnx is not installed, the file is no model, a size is unknown, or a layer has operands
        that nothing quantises.
    """
    model = load_model(path)
    shapes = known_shapes(model, path)
    operands = OperandTracer(model, path, shapes)
    layers, notes = [], []
    for number, node in enumerate(model.graph.node):
        if node.op_type not in LAYERS:
            continue
        name = node.name or f"{node.op_type}_{number}"
        found, swapped = _operands(node, operands), _is_swapped(node, operands)
        (data, act), (_, weight) = found[::-1] if swapped else found
        if act is None and operands.from_input(data):
            act = Operand(INPUT_BITS)
            notes.append(f"{name}: the model's input is taken as {INPUT_BITS} bits")
        if act is None or weight is None:
            raise UserError(
                f"{path} must have quantised operands, but nothing quantises the "
                f"{'weights' if act else 'activations'} of layer {name} ({node.op_type})"
            )
        groups, product = matrix_product(node, shapes, path)
        layer = Layer(
            name=name,
            macs=groups * product.macs,
            act_bits=act.bits,
            weight_bits=weight.bits,
            act_sparsity=act.zeros,
            weight_sparsity=weight.zeros,
            product=MatrixProduct(product.n, product.m, product.k) if swapped else product,
        )
        layers.append(layer)
    if not layers:
        raise UserError(
            f"{path} must hold a convolution or a matrix product, but holds "
            f"{', '.join(sorted({node.op_type for node in model.graph.node})) or 'no node'}"
        )
    hidden = sorted({node.op_type for node in model.graph.node} & set(HIDDEN))
    notes += [f"{kind} nodes are not counted" for kind in hidden]
    return Workload(name=path.stem, source=str(path), layers=tuple(layers), notes=tuple(notes))


def _operands(node: Any, operands: OperandTracer) -> list[tuple[str, Operand | None]]:
    """Return the two tensors that a layer multiplies, and what is known of them."""
    tensors = [node.input[at] for at in LAYERS[node.op_type]]
    found = []
    for name, at in zip(tensors, LAYERS[node.op_type], strict=True):
        # The operators on integers have a tensor's zero point two inputs later.
        whole = node.op_type not in ("Conv", "ConvTranspose", "Gemm", "MatMul")
        point = "".join(node.input[at + 2 : at + 3]) if whole else ""
        found.append((name, operands.stored(name, point) if whole else operands.of(name)))
    return found


def _is_swapped(node: Any, operands: OperandTracer) -> bool:
    """Return whether weights come before activations: a product has its constant on either side."""
    first, second = (operands.is_constant(node.input[at]) for at in LAYERS[node.op_type])
    return first and not second


def load_model(path: Path) -> Any:
    """Return a model, as onnx has it.

    Raises
    ------
    UserError
        If onnx is not installed, or the file holds no model that can be read.
    """
    try:
        import onnx
    except ImportError:
        raise UserError(
            f"{path} needs the package onnx to be read: pip install 'macsmith[onnx]'"
        ) from None
    try:
        model = onnx.load(str(path))
    # protobuf's errors have no common base that it exports, and OSErrors come beside them.
    except Exception as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"{path} must be an ONNX model, but could not be read: {first}") from None
    if not model.graph.node:
        raise UserError(f"{path} must be an ONNX model with nodes, but holds none")
    _check(model, path)
    return model


def _check(model: Any, path: Path) -> None:
    """Refuse nodes without the inputs that the reader looks at, or that nothing has made yet."""
    graph = model.graph
    known = {value.name for value in (*graph.input, *graph.initializer)}
    known |= {tensor.values.name for tensor in graph.sparse_initializer}
    needed = _INPUTS | {kind: max(places) + 1 for kind, places in LAYERS.items()}
    for node in graph.node:
        name = node.name or "".join(node.output[:1])
        if len(node.input) < needed.get(node.op_type, 0):
            raise UserError(
                f"{path} must give {node.op_type} {name} at least {needed[node.op_type]} inputs, "
                f"but gives {len(node.input)}"
            )
        missing = [one for one in node.input if one and one not in known]
        if missing:
            raise UserError(
                f"{path} must make a tensor before a node reads it, but {node.op_type} {name} "
                f"reads {missing[0]}"
            )
        known.update(node.output)
