"""Operators that no array does, in numpy: pooling here, the others by onnx's own reference."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.networks.onnx_graph.lowering import windows

Array = NDArray[Any]


def max_pool(data: Array, attributes: Mapping[str, Any]) -> Array:
    """Return the greatest of each window; padding never is."""
    kernel = attributes["kernel_shape"]
    whole = data.dtype.kind == "i"
    least = np.iinfo(data.dtype).min if whole else -np.inf
    every = windows(data if whole else data.astype(np.float64), kernel, attributes, least)
    return every.max(axis=tuple(range(-len(kernel), 0))).astype(data.dtype)


def average_pool(data: Array, attributes: Mapping[str, Any]) -> Array:
    """Return the mean of each window, of what lies in the image if padding does not count."""
    kernel = attributes["kernel_shape"]
    axes = tuple(range(-len(kernel), 0))
    sums = windows(data.astype(np.float64), kernel, attributes, 0).sum(axis=axes)
    counts: Any = float(np.prod(kernel))
    if not attributes.get("count_include_pad"):
        counts = windows(np.ones_like(data, np.float64), kernel, attributes, 0).sum(axis=axes)
    return (sums / counts).astype(np.float32)


def global_average(data: Array) -> Array:
    """Return the mean of each channel."""
    axes = tuple(range(2, data.ndim))
    return data.astype(np.float64).mean(axis=axes, keepdims=True).astype(np.float32)


def by_reference(node: Any, inputs: Sequence[Array | None], opsets: Mapping[str, int]) -> list[Any]:
    """Return what onnx's reference implementation makes of a node."""
    from onnx.reference import ReferenceEvaluator

    feeds = {name: one for name, one in zip(node.input, inputs, strict=True) if name}
    with np.errstate(all="ignore"):
        return list(ReferenceEvaluator(node, opsets=dict(opsets)).run(None, feeds))


def has_reference(node: Any, opsets: Mapping[str, int]) -> bool:
    """Return whether onnx's reference implementation knows a node's operator."""
    from onnx.reference import ReferenceEvaluator

    if any(one.HasField("g") for one in node.attribute):
        return False
    try:
        ReferenceEvaluator(node, opsets=dict(opsets))
    except Exception:  # it says so in several ways
        return False
    return True
