"""Which operand pair each partial product of a MAC serves, as a specification states it."""

from collections.abc import Sequence
from dataclasses import dataclass

from macsmith.contract.bit_routes import Source
from macsmith.contract.modes import Mode


@dataclass(frozen=True)
class PartialProduct:
    """A bit of an activation times a bit of a weight, in one mode.

    Members
    -------
    lane:
        The operand pair, slot or step that it works for, or None where it is idle.
    mark:
        On one bit of a group: the cycle in which it is added, or the product bit where it counts.
    """

    lane: int | None
    mark: int | None = None


BitMatrix = tuple[tuple[PartialProduct, ...], ...]
"""Rows are weight bits, lowest first; columns are activation bits, lowest first."""


def routed_matrix(
    acts: Sequence[Source],
    weights: Sequence[Source],
    mode: Mode,
    lanes: tuple[int, int],
    products: int,
    weight_bits: int,
) -> BitMatrix:
    """Return the matrix that follows from where the bits of both operands come from.

    Where every activation meets every weight, a lane is a product of the two. Else activation k
    meets weight k, and what would multiply two others is idle.

    Parameters
    ----------
    acts, weights:
        For each bit of an operand register its bit of the field.
    lanes:
        Activations and weights that the fields hold.
    products:
        Products that are made of them.
    weight_bits:
        Bits of a weight in its field.
    """
    crossed = lanes[0] * lanes[1] == products

    def lane(act: Source, weight: Source) -> int | None:
        if act is None or weight is None:
            return None
        i, j = act // mode.act_bits, weight // weight_bits
        if crossed:
            return i * lanes[1] + j
        return i if i == j else None

    return tuple(tuple(PartialProduct(lane(act, weight)) for act in acts) for weight in weights)
