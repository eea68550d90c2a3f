"""Bits and zeros of the tensors of an ONNX model, by what quantises them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil, log2, prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.errors import UserError
from macsmith.networks.layer_tables.onnx_folding import evaluate, passes_values

Array = NDArray[Any]

_SAME = ("Identity", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Dropout", "Cast")
"""Operators whose results are their first input's values; of others that is tried."""

_SOME = (
    "Slice", "Split", "Gather", "MaxPool", "GlobalMaxPool", "Relu", "DepthToSpace", "SpaceToDepth",
    "Expand", "Tile", "Pad",
)  # fmt: skip
"""Operators whose results are some of their first input's values, and zeros."""

_MOST = 1 << 26
"""Elements of a constant that is worked out."""

_AFFINE = ("Add", "Sub", "Mul", "Div")
"""Operators that scale and shift a model's input, which leaves its bits."""

_INTEGERS = {
    "INT16": 16, "UINT16": 16, "INT8": 8, "UINT8": 8, "INT4": 4, "UINT4": 4, "INT2": 2, "UINT2": 2,
}  # fmt: skip
"""Bits of the element types that operands may have."""

_QUANTISERS = ("QuantizeLinear", "DynamicQuantizeLinear", "Clip", *_SAME, *_SOME)
"""Operators whose results may be integers that the type of a tensor does not tell."""

_ROUNDINGS = {
    "CEIL": np.ceil, "CEILING": np.ceil, "FLOOR": np.floor, "ROUND_TO_ZERO": np.trunc,
    "DOWN": np.trunc,
}  # fmt: skip
"""Rounding modes of QONNX that differ from rounding to the nearest in what becomes zero."""


@dataclass(frozen=True)
class Operand:
    """Bits of a tensor's values, and the share of zeros where they are known constants."""

    bits: int
    zeros: float | None = None


class OperandTracer:
    """Traces the tensors of a model back to what quantises them."""

    def __init__(self, model: Any, path: Path, shapes: Mapping[str, tuple[int, ...]]) -> None:
        from onnx import TensorProto, numpy_helper

        self._shapes, self._passing = shapes, dict[str, bool]()
        self._opsets = {one.domain: one.version for one in model.opset_import}
        self._array, self._path = numpy_helper.to_array, path
        graph = model.graph
        self._made_by = {name: node for node in graph.node for name in node.output}
        self._tensors = {tensor.name: tensor for tensor in graph.initializer}
        self._inputs = {value.name for value in graph.input} - set(self._tensors)
        for node in graph.node:
            if node.op_type == "Constant":
                tensor = next((a.t for a in node.attribute if a.name == "value"), None)
                if tensor is not None:
                    self._tensors[node.output[0]] = tensor
        types = {
            value.name: value.type.tensor_type.elem_type
            for value in (*graph.input, *graph.value_info)
        } | {name: tensor.data_type for name, tensor in self._tensors.items()}
        names = {number: name for name, number in TensorProto.DataType.items()}
        self._types = {number: _INTEGERS.get(name) for number, name in names.items()}
        self._widths = {name: self._types.get(number) for name, number in types.items()}

    def of(self, name: str) -> Operand | None:
        """Return what is known of a tensor; None if nothing quantises it."""
        node: Any = self._made_by.get(name)
        kind = node.op_type if node else "Constant"
        if kind in ("Quant", "IntQuant"):
            return self._of_bits(node.input[3], self._rounded_to_zero(node))
        if kind == "Trunc":
            return self._of_bits(node.input[-1])
        if kind == "BipolarQuant":
            # Two's complement holds -1 and 1 in two bits; there is no zero among them.
            return Operand(2, 0.0 if self.is_constant(name) else None)
        if kind == "QuantizeLinear":
            width = self._quantised_width(node)
            return Operand(width, self._rounded_to_zero(node)) if width else None
        if kind == "DynamicQuantizeLinear":
            return Operand(8)
        if kind == "DequantizeLinear":
            before = self.of(node.input[0]) or self.stored(*node.input[0:3:2])
            zeros = self._equal_to_point(node.input[0], self._beside(node, 2))
            return before and (before if zeros is None else replace(before, zeros=zeros))
        if kind == "Clip":
            return self._clipped(node)
        if kind in _SAME:
            return self.of(node.input[0])
        if kind in (*_SOME, "Concat"):
            found = [self.of(one) for one in (node.input if kind == "Concat" else node.input[:1])]
            known = [operand.bits for operand in found if operand]
            return Operand(max(known)) if known and len(known) == len(found) else None
        if node is not None and self._passes(node):
            before = self.of(node.input[0])
            return before and Operand(before.bits)
        return self.stored(name)

    def stored(self, name: str, point: str = "") -> Operand | None:
        """Return a tensor of integers whose zero is that of another tensor, if any."""
        width = self._widths.get(name) or self._widths.get(point)
        if width is None and name in self._made_by:
            return self.of(name) if self._made_by[name].op_type in _QUANTISERS else None
        zero = self.constant(point) if point else np.array(0)
        return Operand(width, self._equal_to_point(name, zero)) if width else None

    def is_constant(self, name: str) -> bool:
        """Return whether a tensor has the same values in every run."""
        if name in self._tensors:
            return True
        node = self._made_by.get(name)
        return node is not None and all(self.is_constant(one) for one in node.input if one)

    def from_input(self, name: str) -> bool:
        """Return whether a tensor holds the values of an input of the model, scaled perhaps."""
        if name in self._inputs:
            return True
        node = self._made_by.get(name)
        if node is None:
            return False
        if node.op_type not in (*_SAME, *_SOME, *_AFFINE) and not self._passes(node):
            return False
        data = [one for one in node.input if one and not self.is_constant(one)]
        return len(data) == 1 and self.from_input(data[0])

    def _passes(self, node: Any) -> bool:
        """Return whether an operator that is in no list gives values of its first input only."""
        if len(node.output) != 1 or not node.input or "Quant" in node.op_type:
            return False
        name = node.output[0]
        if name not in self._passing:
            constants = [self.constant(one) if one else None for one in node.input[1:]]
            known = all(
                one is not None or not source
                for one, source in zip(constants, node.input[1:], strict=True)
            )
            shape = self._shapes.get(node.input[0], ())
            self._passing[name] = known and passes_values(node, shape, constants, self._opsets)
        return self._passing[name]

    def constant(self, name: str) -> Array | None:
        """Return the values of a constant that nothing has quantised yet, if there are any."""
        if name in self._tensors:
            try:
                return np.asarray(self._array(self._tensors[name]))
            except (ValueError, TypeError):
                raise UserError(
                    f"{self._path} must have data that fill their shapes, but {name} has not"
                ) from None
        node = self._made_by.get(name)
        if node is None or "Quant" in node.op_type or prod(self._shapes.get(name, ())) > _MOST:
            return None
        inputs = [self.constant(one) if one else None for one in node.input]
        if any(one is None and name for one, name in zip(inputs, node.input, strict=True)):
            return None
        return evaluate(node, inputs, self._opsets)

    def _quantised_width(self, node: Any) -> int | None:
        """Return the bits of a QuantizeLinear's result: its zero point's type, or an attribute."""
        point = "".join(node.input[2:3])
        stated = next((a.i for a in node.attribute if a.name == "output_dtype" and a.i), None)
        if point:
            return self._widths.get(point)
        return 8 if stated is None else self._types.get(stated)

    def _of_bits(self, name: str, zeros: float | None = None) -> Operand | None:
        bits = self.constant(name)
        return None if bits is None or not bits.size else Operand(ceil(bits.max()), zeros)

    def _equal_to_point(self, name: str, point: Array | None) -> float | None:
        """Return the share of integers that stand for zero."""
        values = self.constant(name)
        if values is None or point is None or not point.size:
            return None
        if "f" in (values.dtype.kind, point.dtype.kind):
            return None
        if (point == point.flat[0]).all():
            point = point.flat[0]
        elif not _fits(point, values):
            return None
        return float(np.mean(values.astype(np.int64) == np.asarray(point, np.int64)))

    def _rounded_to_zero(self, node: Any) -> float | None:
        """Return the share of constants that a quantiser rounds to zero."""
        values, scale = self.constant(node.input[0]), self._beside(node, 1)
        if values is None or scale is None or not _fits(scale, values):
            return None
        mode = next((a.s.decode() for a in node.attribute if a.name == "rounding_mode"), "")
        with np.errstate(all="ignore"):  # a scale of zero makes no zeros
            return float(np.mean(_ROUNDINGS.get(mode.upper(), np.rint)(values / scale) == 0))

    def _beside(self, node: Any, place: int) -> Array | None:
        """Return a scale or zero point in the shape that it has beside the values."""
        if len(node.input) <= place or not node.input[place]:
            return np.array(0)
        found, values = self.constant(node.input[place]), self.constant(node.input[0])
        if found is None or values is None or found.size < 2 or "Linear" not in node.op_type:
            return found
        axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
        return along(found, values.ndim, axis)

    def _clipped(self, node: Any) -> Operand | None:
        """Return what a Clip between integers leaves; others may leave all bits."""
        before = self.of(node.input[0])
        found = [self.constant(name) for name in node.input[1:3] if name]
        limits = [int(one.flat[0]) for one in found if one is not None and one.dtype.kind in "iu"]
        if before is None or len(limits) < 2:
            return before
        low, high = limits
        return replace(before, bits=max(1, min(before.bits, ceil(log2(high - low + 1)))))


def along(vector: Array, dimensions: int, axis: int) -> Array:
    """Return a vector that lies along one axis of a tensor; anything else unchanged."""
    if vector.ndim != 1:
        return vector
    shape = [1] * dimensions
    shape[axis] = len(vector)
    return vector.reshape(shape)


def _fits(small: Array, values: Array) -> bool:
    """Return whether a scale or zero point belongs to values one to one; blocks do not."""
    try:
        return bool(values.size) and np.broadcast_shapes(small.shape, values.shape) == values.shape
    except ValueError:
        return False
