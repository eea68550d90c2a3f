"""A quantised ONNX model, node by node: sums of products from an array, everything else in numpy.

What DequantizeLinear or QONNX's Quant makes is known by its integers, and stays so through
operators that only pass values on. A layer multiplies integers; its sums are integers too, with the
bias in their unit, and the quantiser that follows is the requantiser's multiplier and shift.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError
from macsmith.host.int64s import Int64s
from macsmith.networks.layer_tables.onnx_model import HIDDEN
from macsmith.networks.layer_tables.onnx_shapes import known_shapes
from macsmith.networks.onnx_graph import lowering
from macsmith.networks.onnx_graph.fixed_point_scales import requantised
from macsmith.networks.onnx_graph.numpy_operators import (
    average_pool,
    by_reference,
    global_average,
    has_reference,
    max_pool,
)
from macsmith.networks.onnx_graph.tensor import Tensor, along, limits_of, quantised

Array = NDArray[Any]

Multiply = Callable[[str, Int64s, Int64s, int, int], Int64s]
"""Returns unsigned (M, K) times signed (K, N); takes a layer's name and the bits of both before."""

MOST = 1 << 26
"""Elements that a tensor may have."""

_PASSING = (
    "Identity", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Dropout", "Slice",
    "Gather", "Split", "Expand", "Tile", "DepthToSpace", "SpaceToDepth",
)  # fmt: skip
_LAYERS = ("Conv", "MatMul", "Gemm", "QLinearConv", "QLinearMatMul", "ConvInteger",
           "MatMulInteger", "QGemm")  # fmt: skip
_OWN = (
    "QuantizeLinear", "DequantizeLinear", "Quant", "IntQuant", "BipolarQuant", "Relu", "MaxPool",
    "AveragePool", "GlobalAveragePool", "Add", "Clip", "QLinearAdd", "QLinearMul",
    "QLinearGlobalAveragePool", "QLinearAveragePool", "QLinearConcat",
)  # fmt: skip
_BITS = {"int8": 8, "uint8": 8, "int16": 16, "uint16": 16, "int4": 4, "uint4": 4, "int2": 2,
         "uint2": 2}  # fmt: skip


class GraphRunner:
    """A model that runs on arrays.

    Parameters
    ----------
    model
        As `onnx` has loaded it.
    path
        Names it in sentences.
    multiply
        The array.

    Raises
    ------
    UserError
        If it has operators that cannot run; all of them are named.
    """

    def __init__(self, model: Any, path: Path, multiply: Multiply) -> None:
        from onnx import numpy_helper

        self._graph, self._path, self._multiply = model.graph, path, multiply
        self._opsets = {one.domain: one.version for one in model.opset_import}
        self._constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
        self.requantisers: list[Any] = []
        """The quantisers whose input was sums of a layer, in the order in which they ran."""
        wrong = {
            node.op_type for node in model.graph.node
            if node.op_type not in (*_LAYERS, *_OWN)
            and (node.op_type in HIDDEN or node.op_type == "ConvTranspose"
                 or not has_reference(node, self._opsets))
        }  # fmt: skip
        if wrong:
            raise UserError(
                f"{path} must hold operators that can run, which {', '.join(sorted(wrong))} cannot"
            )
        large = next((name for name, shape in _shapes(model, path) if prod(shape) > MOST), None)
        if large is not None:
            raise UserError(f"{path} must hold tensors of at most {MOST} elements, unlike {large}")
        if not any(node.op_type in _LAYERS for node in model.graph.node):
            raise UserError(f"{path} must hold a convolution or a matrix product, but holds none")

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Tensor]:
        """Return every tensor of a run."""
        tensors = {name: Tensor(values) for name, values in self._constants.items()}
        tensors |= {name: Tensor(np.asarray(values)) for name, values in inputs.items()}
        for number, node in enumerate(self._graph.node):
            attributes = _attributes(node)
            given = [tensors[name] if name else None for name in node.input]
            name = node.name or f"{node.op_type}_{number}"
            try:
                made = self._node(node, name, given, attributes)
            except UserError:
                raise
            except Exception as error:
                raise UserError(
                    f"{self._path} must be a model that runs, but {node.op_type} {name} does not: "
                    f"{str(error).splitlines()[0] if str(error) else type(error).__name__}"
                ) from None
            tensors.update((one, tensor) for one, tensor in zip(node.output, made, strict=False))
        return tensors

    def _node(
        self, node: Any, name: str, given: Sequence[Any], attributes: Mapping[str, Any]
    ) -> list[Tensor]:
        kind = node.op_type
        if kind in _LAYERS:
            return [self._layer(node, name, given, attributes)]
        if kind.startswith("QLinear"):
            return [_in_numpy(kind, given, attributes)]
        if kind == "QuantizeLinear" and "block_size" not in attributes:
            return [self._quantise(node, given, attributes)]
        if kind == "DequantizeLinear" and not attributes.get("block_size"):
            scale, zero = given[1].values, given[2].values if len(given) > 2 and given[2] else 0
            return [_dequantised(given[0].values, scale, zero, attributes.get("axis", 1))]
        if kind in ("Quant", "IntQuant", "BipolarQuant"):
            return [self._qonnx(node, given, attributes)]
        data: Any = given[0] if given else None
        whole = data is not None and data.ints is not None
        if whole and (found := self._on_integers(node, given, attributes)) is not None:
            return found
        if kind == "MaxPool" and len(node.output) == 1:
            return [Tensor(max_pool(data.values, attributes))]
        if kind == "AveragePool":
            return [Tensor(average_pool(data.values, attributes))]
        if kind == "GlobalAveragePool":
            return [Tensor(global_average(data.values))]
        plain = [one.values if one is not None else None for one in given]
        return [Tensor(np.asarray(one)) for one in by_reference(node, plain, self._opsets)]

    def _on_integers(
        self, node: Any, given: Sequence[Any], attributes: Mapping[str, Any]
    ) -> list[Tensor] | None:
        """Return what a node makes of integers that stay such, or None if it makes numbers."""
        kind, data = node.op_type, given[0]
        if kind == "Relu":
            low, high = data.limits or (0, 0)
            limits = data.limits and (max(low, 0), max(high, 0))
            return [quantised(np.maximum(data.ints, 0), data.scale, limits)]
        if kind == "MaxPool" and len(node.output) == 1:
            return [quantised(max_pool(data.ints, attributes), data.scale, data.limits)]
        if kind == "Clip" and data.limits is None:
            bounds = [one.values if one else None for one in (*given[1:3], None, None)[:2]]
            ends = [None if one is None else np.rint(one / data.scale) for one in bounds]
            if all(one is None for one in ends):
                return None
            return [quantised(np.clip(data.ints, *ends).astype(np.int64), data.scale, None)]
        if kind == "Add" and data.limits is None and node.input[1] in self._constants:
            bias = np.rint(given[1].values / data.scale).astype(np.int64)
            if np.broadcast_shapes(bias.shape, data.ints.shape) == data.ints.shape:
                return [quantised(data.ints + bias, data.scale, None)]
        if kind in _PASSING:
            rest = [one.values if one is not None else None for one in given[1:]]
            ints = by_reference(node, [data.ints, *rest], self._opsets)
            scales = [data.scale] * len(ints)
            if data.scale.size > 1:
                whole = np.broadcast_to(data.scale, data.ints.shape)
                scales = by_reference(node, [whole, *rest], self._opsets)
            return [
                quantised(np.asarray(one, np.int64), scale, data.limits)
                for one, scale in zip(ints, scales, strict=True)
            ]
        return None

    def _layer(
        self, node: Any, name: str, given: Sequence[Any], attributes: Mapping[str, Any]
    ) -> Tensor:
        """Return the sums of a layer, or its codes where it has its requantiser within."""
        kind = node.op_type
        if kind in ("QLinearConv", "QLinearMatMul"):
            codes, scale, zero, kernel, kernel_scale, kernel_zero, out, point = (
                one.values for one in given[:8]
            )
            axis = 0 if kind == "QLinearConv" else kernel.ndim - 1
            acts = _dequantised(codes, scale, zero, 1)
            weights = _dequantised(kernel, kernel_scale, kernel_zero, axis)
            sums = self._sums(kind[7:], name, acts, weights, attributes)
            if len(given) > 8 and given[8] is not None:
                bias = along(given[8].values.astype(np.int64), sums.ints.ndim, 1)
                sums = quantised(sums.ints + bias, sums.scale, None)
            self.requantisers.append(node)
            return Tensor(_codes(sums, out, point))
        if kind == "QGemm":
            return self._qgemm(node, name, given, attributes)
        if kind in ("ConvInteger", "MatMulInteger"):
            points = [
                given[at].values if len(given) > at and given[at] is not None else np.int64(0)
                for at in (2, 3)
            ]
            acts, weights = (
                _dequantised(one.values, np.float64(1), point, axis)
                for one, point, axis in zip(given[:2], points, (0, 1), strict=True)
            )
            sums = self._sums(kind.removesuffix("Integer"), name, acts, weights, attributes)
            return Tensor(sums.ints.astype(np.int32), sums.ints, sums.scale)
        acts, weights = given[:2]
        for what, one in (("activations", acts), ("weights", weights)):
            if not one.is_operand:
                raise UserError(
                    f"{self._path} must have quantised operands, but nothing quantises the {what} "
                    f"of layer {name} ({kind})"
                )
        if kind == "Gemm":
            acts = _transposed(acts) if attributes.get("transA") else acts
            weights = _transposed(weights) if attributes.get("transB") else weights
        sums = self._sums("MatMul" if kind == "Gemm" else kind, name, acts, weights, attributes)
        if kind == "Gemm":
            sums = quantised(sums.ints, sums.scale * attributes.get("alpha", 1.0), None)
        if len(given) > 2 and given[2] is not None:
            values = given[2].values.astype(np.float64) * attributes.get("beta", 1.0)
            bias = along(values, sums.ints.ndim, 1) if kind == "Conv" else values
            added = np.rint(bias / sums.scale).astype(np.int64)
            sums = quantised(sums.ints + added, sums.scale, None)
        return sums

    def _qgemm(
        self, node: Any, name: str, given: Sequence[Any], attributes: Mapping[str, Any]
    ) -> Tensor:
        """Return what ONNX Runtime's matrix product with a bias in its sums' unit gives."""
        plain: list[Any] = [
            one.values if one is not None else None for one in (*given, *[None] * 9)[:9]
        ]
        acts = _dequantised(plain[0], plain[1], plain[2], 1)
        weights = _dequantised(plain[3], plain[4], plain[5], 0 if attributes.get("transB") else 1)
        acts = _transposed(acts) if attributes.get("transA") else acts
        weights = _transposed(weights) if attributes.get("transB") else weights
        sums = self._sums("MatMul", name, acts, weights, attributes)
        bias = 0 if plain[6] is None else plain[6].astype(np.int64)
        scale = sums.scale * attributes.get("alpha", 1.0)
        sums = quantised(sums.ints + bias, scale, None)
        if plain[7] is None:
            return sums
        self.requantisers.append(node)
        return Tensor(_codes(sums, plain[7], plain[8]))

    def _sums(
        self, kind: str, name: str, acts: Tensor, weights: Tensor, attributes: Mapping[str, Any]
    ) -> Tensor:
        """Return the integer sums of products, each operand less its zero point."""
        if not (acts.scale == acts.scale.flat[0]).all():
            raise UserError(
                f"{self._path} must have one scale for the activations of layer {name}, not "
                f"{len(np.unique(acts.scale))}"
            )
        low, high = acts.limits
        act_bits = max((high - low).bit_length(), 2)
        least, most = weights.limits
        bits = max((most - least).bit_length(), 2)
        fits = least >= -(1 << bits - 1) and most < 1 << bits - 1
        offset = 0 if fits else least + (1 << bits - 1)
        codes, kernels = acts.ints - low, weights.ints - offset

        def summed(left: Int64s, right: Int64s) -> Int64s:
            # sum (a + low)(w + offset), by what the array gives of sum a w.
            sums = self._multiply(name, left, right, act_bits, bits)
            rows = left.sum(axis=1, keepdims=True) * offset
            return sums + low * right.sum(axis=0) + rows + len(right) * low * offset

        if kind == "Conv":
            products, shape = lowering.convolution(codes, kernels, attributes, -low)
            ints = lowering.gathered([summed(*one) for one in products], shape)
            scale = along(self._channels(name, weights, 0), ints.ndim, 1)
        else:
            every = [summed(*one) for one in lowering.matrices(codes, kernels)]
            shape = lowering.product_shape(codes, kernels)
            ints = np.stack(every).reshape(shape)
            scale = along(self._channels(name, weights, -1), ints.ndim, ints.ndim - 1)
        return quantised(ints, float(acts.scale.flat[0]) * scale, None)

    def _channels(self, name: str, weights: Tensor, axis: int) -> NDArray[np.float64]:
        """Return the scales of a layer's outputs, which lie along one axis of its weights."""
        if weights.scale.size == 1:
            return weights.scale.reshape(1)
        whole = np.moveaxis(np.broadcast_to(weights.scale, weights.ints.shape), axis, -1)
        rows = whole.reshape(-1, whole.shape[-1])
        if not (rows == rows[0]).all():
            raise UserError(
                f"{self._path} must have one scale an output for the weights of layer {name}"
            )
        return rows[0]

    def _quantise(self, node: Any, given: Sequence[Any], attributes: Mapping[str, Any]) -> Tensor:
        data, scale = given[0], given[1].values
        zero = given[2].values if len(given) > 2 and given[2] is not None else np.uint8(0)
        axis = attributes.get("axis", 1)
        if data.ints is not None and data.limits is None:
            self.requantisers.append(node)
        scale = along(np.asarray(scale), data.values.ndim, axis)
        return Tensor(_codes(data, scale, along(np.asarray(zero), data.values.ndim, axis)))

    def _qonnx(self, node: Any, given: Sequence[Any], attributes: Mapping[str, Any]) -> Tensor:
        data, scale = given[0], np.asarray(given[1].values, np.float64)
        if node.op_type == "BipolarQuant":
            return quantised(np.where(data.values >= 0, 1, -1), scale, (-1, 1))
        zero, bits = (np.asarray(one.values, np.float64) for one in given[2:4])
        if zero.size != 1 or bits.size != 1 or zero % 1 or bits % 1:
            raise UserError(
                f"{self._path} must have one whole zero point and number of bits a quantiser, "
                f"unlike {node.name or node.output[0]}"
            )
        point, width = int(zero.item()), int(bits.item())
        limits = limits_of(width, signed=bool(attributes.get("signed", 1)),
                           narrow=bool(attributes.get("narrow", 0)))  # fmt: skip
        mode = attributes.get("rounding_mode", b"ROUND").decode().upper()
        if data.ints is not None and data.limits is None and mode in ("ROUND", "HALF_EVEN"):
            self.requantisers.append(node)
            codes = requantised(data.ints, data.scale / scale, point, limits)
        else:
            roundings = {"CEIL": np.ceil, "FLOOR": np.floor, "ROUND_TO_ZERO": np.trunc}
            scaled = data.values.astype(np.float64) / scale + point
            codes = np.clip(roundings.get(mode, np.rint)(scaled), *limits).astype(np.int64)
        return quantised(codes - point, scale, (limits[0] - point, limits[1] - point))


def _shapes(model: Any, path: Path) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Return the shapes that can be told before a run."""
    try:
        return known_shapes(model, path).items()
    except UserError:
        return ()


def _codes(data: Tensor, scale: Array, zero: Array) -> Array:
    """Return codes of numbers, in the type of their zero point; of sums by the requantiser."""
    limits = _limits(zero)
    if data.ints is not None and data.limits is None and data.scale is not None:
        factor = data.scale / np.asarray(scale, np.float64)
        return requantised(data.ints, factor, np.asarray(zero, np.int64), limits).astype(zero.dtype)
    near = np.rint(data.values.astype(np.float32) / np.asarray(scale, np.float32))
    return np.clip(near + np.asarray(zero, np.float64), *limits).astype(zero.dtype)


def _dequantised(codes: Array, scale: Any, zero: Any, axis: int) -> Tensor:
    """Return what codes stand for."""
    scale = along(np.asarray(scale, np.float64), codes.ndim, axis)
    point = along(np.asarray(zero, np.int64), codes.ndim, axis)
    limits = None
    if codes.dtype.name in _BITS:
        low, high = _limits(codes)
        limits = (
            low - int(point.max(initial=0) if point.size > 1 else point),
            high - int(point.min() if point.size > 1 else point),
        )
    return quantised(codes.astype(np.int64) - point, scale, limits)


def _limits(codes: Array) -> tuple[int, int]:
    name = codes.dtype.name
    if name not in _BITS:
        raise UserError(f"codes must be integers of {', '.join(_BITS)}, not {name}")
    return limits_of(_BITS[name], signed=not name.startswith("u"))


def _transposed(one: Tensor) -> Tensor:
    scale = one.scale.T if one.scale.ndim == 2 else one.scale
    return Tensor(one.values.T, one.ints.T, scale, one.limits)


def _in_numpy(kind: str, given: Sequence[Any], attributes: Mapping[str, Any]) -> Tensor:
    """Return what an operator of ONNX Runtime on codes makes, scaled in floating point."""
    plain: list[Any] = [one.values if one is not None else np.uint8(0) for one in given]

    def number(at: int) -> Array:
        return _dequantised(plain[at], plain[at + 1], plain[at + 2], 1).values

    if kind in ("QLinearAdd", "QLinearMul"):
        made, (scale, zero) = (number(0) + number(3) if kind == "QLinearAdd"
                               else number(0) * number(3)), plain[6:8]  # fmt: skip
    elif kind == "QLinearConcat":
        scale, zero = plain[:2]
        parts = [number(at) for at in range(2, len(plain), 3)]
        made = np.concatenate(parts, axis=attributes["axis"])
    else:
        scale, zero = plain[3:5]
        made = (
            global_average(number(0)) if "Global" in kind else average_pool(number(0), attributes)
        )
    return Tensor(_codes(Tensor(made), scale, zero))


def _attributes(node: Any) -> dict[str, Any]:
    from onnx import helper

    return {one.name: helper.get_attribute_value(one) for one in node.attribute}
