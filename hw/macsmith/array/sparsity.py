"""What zeros save in an array, and what that asks of its words, its multipliers and its cycles."""

from collections.abc import Mapping
from typing import Protocol

from macsmith.contract.errors import UserError


class Blocks(Protocol):
    """What a sparsity reads of an array: the length of a dot product, and its blocks."""

    @property
    def b(self) -> int: ...

    @property
    def block(self) -> int: ...

    @property
    def nonzeros(self) -> int: ...

    @property
    def act_nonzeros(self) -> int: ...


class Sparsity:
    """Dense: zeros save nothing. What the others save is said where they differ.

    Parameters
    ----------
    spec
        The array.
    """

    gates_zeros = False
    """Whether a zero operand stops registers and multipliers."""

    stores_blocks = False
    """Whether of each block of weights some come, with their places."""

    serial_acts = False
    """Whether activations of a block come one after the other."""

    meets_all = True
    """Whether all dot products in a row of a PE multiply the same activations."""

    def __init__(self, spec: Blocks) -> None:
        self.spec = spec

    def check(self) -> None:
        """Raise a sentence if the array cannot be cut into blocks."""

    @property
    def weight_words(self) -> int:
        """Weights of a dot product that are in a PE at a time."""
        return self.spec.b

    @property
    def lanes(self) -> int:
        """Multipliers of a dot product."""
        return self.weight_words

    @property
    def act_words(self) -> int:
        """Activations of a dot product that are in a PE at a time."""
        return self.spec.b

    @property
    def act_bound(self) -> int | None:
        """Activations of a block that are multiplied, the largest; None of all of them."""
        return None

    @property
    def step_cycles(self) -> int:
        """Clock cycles of a step."""
        return self.act_bound or 1

    @property
    def passes(self) -> int:
        """Most passes of a block of weights: as many as multiply a dense one."""
        return 1

    @property
    def index_bits(self) -> int:
        """Bits that say where a weight lies in its block."""
        return 0

    @property
    def keep_bits(self) -> int:
        """Bits by which a beat says how many activations of a block are multiplied."""
        return 0


class ZeroGated(Sparsity):
    """A zero operand stops registers and multipliers."""

    gates_zeros = True
    meets_all = False


class WeightBound(Sparsity):
    """Of each block of weights at most ``nonzeros`` are multiplied."""

    stores_blocks = True
    meets_all = False

    def check(self) -> None:
        b, block = self.spec.b, self.spec.block
        if b % block:
            raise UserError(
                f"b must be a multiple of block = {block} for density-bound blocks, "
                f"not {b}; the nearest is {-(-b // block) * block}"
            )

    @property
    def weight_words(self) -> int:
        return self.spec.b // self.spec.block * self.spec.nonzeros

    @property
    def passes(self) -> int:
        return -(-self.spec.block // self.spec.nonzeros)

    @property
    def index_bits(self) -> int:
        return (self.spec.block - 1).bit_length()


class JointBound(WeightBound):
    """Also of each block of activations only the largest are multiplied, one a cycle."""

    serial_acts = True
    meets_all = True

    @property
    def lanes(self) -> int:
        return self.spec.b // self.spec.block

    @property
    def act_words(self) -> int:
        return self.lanes

    @property
    def act_bound(self) -> int | None:
        return self.spec.act_nonzeros

    @property
    def keep_bits(self) -> int:
        return self.index_bits


JOINT = "joint-dbb"
"""The sparsity in which activations are density bound too."""

KINDS: Mapping[str, type[Sparsity]] = {
    "dense": Sparsity,
    "zero-gated": ZeroGated,
    "dbb": WeightBound,
    JOINT: JointBound,
}
"""What zeros save: nothing, switching, multipliers, or multipliers and cycles."""

SPARSITIES = tuple(KINDS)
"""Names of all kinds."""
