"""Constants that an ONNX model computes: sizes of tensors, and what follows from constants alone.

Exporters write a Flatten as Shape, Gather, Unsqueeze, Concat and Reshape. What onnx infers of
shapes tells the result of Shape; its reference implementation gives what nodes make of constants;
and with these known, more shapes can be inferred, until nothing new follows.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]

MOST = 1 << 20
"""Elements that a computed constant may have."""

_ROUNDS = 64
"""Times that shapes are inferred."""

_RANDOM = {"RandomNormal", "RandomUniform", "Multinomial", "Bernoulli", "RandomNormalLike",
           "RandomUniformLike", "Dropout"}  # fmt: skip


def fold(model: Any, infer: Callable[[Any], dict[str, Shape]]) -> dict[str, Shape]:
    """Put constants in the place of nodes that compute them; return all shapes that are known.

    Parameters
    ----------
    model
        Is changed.
    infer
        Gives the shapes of a model's tensors; a size that is unknown is 0.
    """
    from onnx import numpy_helper

    known = dict[str, Array]()
    for tensor in model.graph.initializer:
        if prod(tensor.dims) <= MOST:
            try:
                known[tensor.name] = numpy_helper.to_array(tensor)
            except (ValueError, TypeError):
                continue  # data that do not fill their shape
    shapes = infer(model)
    for _ in range(_ROUNDS):
        found = _found(model, shapes, known)
        if not found:
            break
        known |= found
        left = [node for node in model.graph.node if node.output[:1][0] not in found]
        del model.graph.node[:]
        model.graph.node.extend(left)
        model.graph.initializer.extend(
            numpy_helper.from_array(values, name) for name, values in found.items()
        )
        shapes = infer(model)
    return shapes


def _found(model: Any, shapes: Mapping[str, Shape], known: Mapping[str, Array]) -> dict[str, Array]:
    """Return the constants that nodes of one result give."""
    opsets = {one.domain: one.version for one in model.opset_import}
    found = dict[str, Array]()
    for node in model.graph.node:
        if len(node.output) != 1 or node.domain not in ("", "ai.onnx"):
            continue
        values: Array | None = None
        if node.op_type in ("Shape", "Size"):
            shape = shapes.get(node.input[0])
            if shape is not None and all(size > 0 for size in shape):
                values = evaluate(node, [np.broadcast_to(np.float32(0), shape)], opsets)
        elif _is_small(shapes.get(node.output[0])):
            inputs = [known.get(name, found.get(name)) if name else None for name in node.input]
            if all(
                one is not None or not name for one, name in zip(inputs, node.input, strict=True)
            ):
                values = evaluate(node, inputs, opsets)
        if values is not None:
            found[node.output[0]] = values
    return found


def _is_small(shape: Shape | None) -> bool:
    return shape is not None and all(size > 0 for size in shape) and prod(shape) <= MOST


def evaluate(node: Any, inputs: list[Array | None], opsets: Mapping[str, int]) -> Array | None:
    """Return what a node of one result makes of its inputs, or None if that cannot be told."""
    from onnx.reference import ReferenceEvaluator

    if node.op_type in _RANDOM or any(one.HasField("g") for one in node.attribute):
        return None
    feeds = {name: one for name, one in zip(node.input, inputs, strict=True) if name}
    try:
        with np.errstate(all="ignore"):
            (values,) = ReferenceEvaluator(node, opsets=dict(opsets)).run(None, feeds)
        return np.asarray(values) if isinstance(values, np.ndarray | np.generic) else None
    except Exception:  # whatever the reference makes of an ill-formed node
        return None


def passes_values(
    node: Any, shape: Shape, constants: list[Array | None], opsets: Mapping[str, int]
) -> bool:
    """Return whether a node's results are values of its first input, or zeros.

    It is tried: on numbers of both signs that are powers of no common base, so that neither a sum
    nor a mean nor a product of them is one of them.

    Parameters
    ----------
    shape
        Of the first input.
    constants
        The other inputs.
    """
    if not shape or min(shape) < 1 or prod(shape) > MOST // 16:
        return False
    rng = np.random.default_rng(1)
    values = rng.permutation(np.arange(prod(shape)) - prod(shape) // 2).reshape(shape)
    values = (values * 1009 + 17 * np.sign(values)).astype(np.float32)
    found = evaluate(node, [values, *constants], opsets)
    return found is not None and bool(np.isin(found, np.append(values, 0)).all())
