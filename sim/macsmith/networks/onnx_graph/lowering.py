"""Layers as matrix products: windows of convolutions gathered into rows, group by group."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from macsmith.host.int64s import Int64s

Attributes = Mapping[str, Any]


def windows(data: Int64s, kernel: Sequence[int], attributes: Attributes, fill: float = 0) -> Int64s:
    """Return the windows of (n, c, *size), padded with ``fill``: (n, c, *out, *kernel)."""
    strides, dilations = steps(attributes, len(kernel))
    ends = pads(data.shape[2:], kernel, attributes)
    axes = tuple(range(2, 2 + len(kernel)))
    padded = np.pad(data, [(0, 0), (0, 0), *ends], constant_values=fill)
    reach = [(size - 1) * dilation + 1 for size, dilation in zip(kernel, dilations, strict=True)]
    whole = sliding_window_view(padded, reach, axis=axes)
    cut = [slice(None), slice(None), *(slice(None, None, one) for one in strides)]
    return whole[(*cut, *(slice(None, None, one) for one in dilations))]


def steps(attributes: Attributes, axes: int) -> tuple[list[int], list[int]]:
    """Return strides and dilations."""
    return (
        list(attributes.get("strides") or [1] * axes),
        list(attributes.get("dilations") or [1] * axes),
    )


def pads(
    size: Sequence[int], kernel: Sequence[int], attributes: Attributes
) -> list[tuple[int, int]]:
    """Return how many places are before and behind each axis."""
    axes = len(kernel)
    strides, dilations = steps(attributes, axes)
    auto = attributes.get("auto_pad", b"NOTSET")
    auto = auto.decode() if isinstance(auto, bytes) else auto
    if auto in ("NOTSET", ""):
        flat = list(attributes.get("pads") or [0] * 2 * axes)
        ends = list(zip(flat[:axes], flat[axes:], strict=True))
    elif auto == "VALID":
        ends = [(0, 0)] * axes
    else:
        ends = []
        for have, width, stride, dilation in zip(size, kernel, strides, dilations, strict=True):
            wanted = (-(-have // stride) - 1) * stride + (width - 1) * dilation + 1
            more = max(wanted - have, 0)
            less = more // 2
            ends.append((less, more - less) if auto == "SAME_UPPER" else (more - less, less))
    if attributes.get("ceil_mode"):
        for axis, (have, width) in enumerate(zip(size, kernel, strict=True)):
            before, behind = ends[axis]
            reach = (width - 1) * dilations[axis] + 1
            rest = (have + before + behind - reach) % strides[axis]
            ends[axis] = before, behind + (strides[axis] - rest if rest else 0)
    return ends


def convolution(
    data: Int64s, weights: Int64s, attributes: Attributes, fill: int
) -> tuple[list[tuple[Int64s, Int64s]], tuple[int, ...]]:
    """Return the products (M, K) by (K, N) of a convolution, one a group, and its result's shape.

    Parameters
    ----------
    data, weights
        Shapes (n, c, *size) and (m, c / groups, *kernel).
    fill
        What padding is.
    """
    groups = int(attributes.get("group", 1))
    kernel = weights.shape[2:]
    every = windows(data, kernel, attributes, fill)
    count, channels = every.shape[:2]
    axes = len(kernel)
    out = every.shape[2 : 2 + axes]
    each = channels // groups
    rows = np.moveaxis(every, 1, 1 + axes)  # (n, *out, c, *kernel)
    products = []
    for group in range(groups):
        part = rows[(slice(None),) * (1 + axes) + (slice(group * each, (group + 1) * each),)]
        kernels = weights[group * len(weights) // groups : (group + 1) * len(weights) // groups]
        products.append(
            (part.reshape(count * int(np.prod(out)), -1), kernels.reshape(len(kernels), -1).T)
        )
    return products, (count, len(weights), *out)


def gathered(sums: Sequence[Int64s], shape: tuple[int, ...]) -> Int64s:
    """Return the results (M, N) of the groups of a convolution as (n, m, *out)."""
    whole = np.concatenate(sums, axis=1).reshape(shape[0], *shape[2:], shape[1])
    return np.moveaxis(whole, -1, 1)


def matrices(left: Int64s, right: Int64s) -> Iterator[tuple[Int64s, Int64s]]:
    """Yield the products of a batched matrix product; rows by one matrix are one product."""
    if right.ndim <= 2:
        yield left.reshape(-1, left.shape[-1]), right.reshape(len(right), -1)
        return
    left = left[np.newaxis] if left.ndim == 1 else left
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    lefts = np.broadcast_to(left, (*batch, *left.shape[-2:])).reshape(-1, *left.shape[-2:])
    rights = np.broadcast_to(right, (*batch, *right.shape[-2:])).reshape(-1, *right.shape[-2:])
    yield from zip(lefts, rights, strict=True)


def product_shape(left: Int64s, right: Int64s) -> tuple[int, ...]:
    """Return the shape of a batched matrix product."""
    if right.ndim <= 2:
        return (*left.shape[:-1], *right.shape[1:])
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    return (*batch, *left.shape[-2:-1], right.shape[-1])
