"""Tensors of a quantised model: numbers, and the integers and scales that they stand for."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.host.int64s import Int64s

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Tensor:
    """Numbers, and where they are quantised the integers that they are of: ``ints * scale``.

    Members
    -------
    values
        The numbers.
    ints
        Codes less their zero point, or sums of products of such; None where nothing quantises.
    scale
        Of each integer, in a shape that broadcasts to theirs.
    limits
        The least and the greatest that a code can be, less the zero point; None of sums.
    """

    values: Array
    # Of types that are checked where they are used: a layer asks for all three at once.
    ints: Any = None
    scale: Any = None
    limits: Any = None

    @property
    def is_operand(self) -> bool:
        """Whether an array can multiply by it."""
        return self.ints is not None and self.limits is not None


def quantised(ints: Int64s, scale: Array, limits: tuple[int, int] | None) -> Tensor:
    """Return a tensor of integers less their zero points."""
    return Tensor((ints * scale).astype(np.float32), ints, scale, limits)


def limits_of(bits: int, *, signed: bool, zero: int = 0, narrow: bool = False) -> tuple[int, int]:
    """Return the least and the greatest of codes of so many bits, less their zero point."""
    if signed:
        return -(1 << bits - 1) + narrow - zero, (1 << bits - 1) - 1 - zero
    return -zero, (1 << bits) - 1 - narrow - zero


def along(vector: Array, dimensions: int, axis: int) -> Array:
    """Return a vector in the shape in which it lies along one axis; one number as it is."""
    if vector.ndim != 1:
        return vector
    if vector.size == 1:
        return vector.reshape(())
    shape = [1] * dimensions
    shape[axis] = vector.size
    return vector.reshape(shape)
