"""A network as a MAC unit meets it: how many products each layer takes, of how many bits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode

MAX_BITS = 16
"""Widest operand of a unit."""


@dataclass(frozen=True)
class MatrixProduct:
    """``m`` rows of activations times ``n`` columns of weights, dot products of ``k`` terms.

    Raises
    ------
    UserError
        If one of them is not positive.
    """

    m: int
    n: int
    k: int

    def __post_init__(self) -> None:
        for key, size in (("m", self.m), ("n", self.n), ("k", self.k)):
            if size < 1:
                raise UserError(f"{key} must be at least 1, not {size}")

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return self.m * self.n * self.k


@dataclass(frozen=True, kw_only=True)
class Layer:
    """Multiply-accumulates of one layer and the precision of their operands.

    Parameters
    ----------
    name:
        What the layer is called.
    macs:
        Multiply-accumulates a frame, at least 1.
    act_bits, weight_bits:
        Bits of an activation and of a weight, 1 to 16.
    act_sparsity, weight_sparsity:
        Shares of zeros, 0 to 1; None if unknown.
    product:
        What each of its groups multiplies: for a convolution the pixels of the output, the output
        channels of a group, and what one of them sums; None if unknown, so that nothing is known
        of products that only fill up the lanes of a unit.
    published:
        What a chip was measured to take for this layer: ``mw`` and ``tops_per_w``, the latter
        counting two operations a MAC.

    Raises
    ------
    UserError
        If a parameter breaks its rule; the sentence names the layer.
    """

    name: str
    macs: int
    act_bits: int
    weight_bits: int
    act_sparsity: float | None = None
    weight_sparsity: float | None = None
    product: MatrixProduct | None = None
    published: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.macs < 1:
            raise UserError(f"layer {self.name}: macs must be at least 1, not {self.macs}")
        for key in ("act_bits", "weight_bits"):
            bits = getattr(self, key)
            if not 1 <= bits <= MAX_BITS:
                raise UserError(f"layer {self.name}: {key} must be 1 to {MAX_BITS}, not {bits}")
        for key in ("act_sparsity", "weight_sparsity"):
            share = getattr(self, key)
            if share is not None and not 0 <= share <= 1:
                raise UserError(f"layer {self.name}: {key} must be from 0 to 1, not {share:g}")
        if self.product is not None and self.macs % self.product.macs:
            raise UserError(
                f"layer {self.name}: macs must be a multiple of m x n x k, {self.product.macs}, "
                f"a matrix product for each group, not {self.macs}"
            )

    @property
    def precision(self) -> str:
        """Activation bits x weight bits, such as ``7x4``."""
        return f"{self.act_bits}x{self.weight_bits}"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A network's layers.

    Members
    -------
    name:
        What users call it, or its file.
    source:
        Where the figures come from, and what was assumed.
    notes:
        What a reader should know of these layers, each a sentence.
    """

    name: str
    source: str
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()

    @property
    def macs(self) -> int:
        """Multiply-accumulates a frame."""
        return sum(layer.macs for layer in self.layers)

    @property
    def width(self) -> int:
        """Bits of the widest operand."""
        return max(max(layer.act_bits, layer.weight_bits) for layer in self.layers)


def least_modes(modes: Sequence[Mode], act_bits: int, weight_bits: int) -> list[Mode]:
    """Return the modes that hold operands of these bits, without those that hold another.

    Most often that is one mode. Of 8x2 and 4x4, which both hold 4 x 2 bits, either may be cheaper.
    """
    holding = [m for m in modes if m.act_bits >= act_bits and m.weight_bits >= weight_bits]
    return [
        mode
        for mode in holding
        if not any(
            other != mode
            and other.act_bits <= mode.act_bits
            and other.weight_bits <= mode.weight_bits
            for other in holding
        )
    ]
