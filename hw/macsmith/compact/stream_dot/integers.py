"""Operands that are whole numbers: what they reach, what their products reach, their rules."""

from macsmith.contract.checks import check_flag, check_int
from macsmith.contract.errors import UserError

MOST_BITS = 62
"""Most bits of a result, so that models may reckon in words of 64 bits."""


def ends(bits: int, signed: bool) -> tuple[int, int]:
    """Return the least and the greatest number of so many bits."""
    return (-1 << bits - 1, (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def product_ends(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Return between what the products of two ranges lie."""
    found = [a * b for a in one for b in other]
    return min(found), max(found)


def check_operand(name: str, bits: int, signed: bool, allowed: range = range(2, 17)) -> None:
    """Raise a sentence if an operand's width or sign breaks its rule."""
    check_int(f"{name}_bits", bits, allowed)
    check_flag(f"{name}_signed", signed)


def check_sum(bits: int, what: str) -> None:
    """Raise a sentence if sums are longer than `MOST_BITS`."""
    if bits > MOST_BITS:
        raise UserError(f"{what} must leave sums of at most {MOST_BITS} bits, not {bits}")
