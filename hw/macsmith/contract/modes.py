"""Precision modes: bits of an activation and bits of a weight."""

import re
from dataclasses import dataclass
from typing import Self

from macsmith.contract.errors import UserError


@dataclass(frozen=True, kw_only=True, order=True)
class Mode:
    """A precision: bits of an activation and bits of a weight, written ``8x4``."""

    act_bits: int
    weight_bits: int

    def __str__(self) -> str:
        return f"{self.act_bits}x{self.weight_bits}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a mode from ``"8x4"``.

        Raises
        ------
        UserError
            If ``text`` is not two numbers with an x between them.
        """
        match = re.fullmatch(r"(\d{1,4})x(\d{1,4})", text.strip())
        if match is None:
            raise UserError(
                f"mode must be activation bits x weight bits, such as 8x4, not {text!r}"
            )
        return cls(act_bits=int(match[1]), weight_bits=int(match[2]))


def halvings(width: int, count: int = 2) -> list[int]:
    """Return ``width`` and its exact halves down to 2 bits, at most ``count`` halvings."""
    widths = [width]
    while len(widths) <= count and widths[-1] % 2 == 0 and widths[-1] >= 4:
        widths.append(widths[-1] // 2)
    return widths


def default_modes(act_width: int, weight_width: int) -> tuple[Mode, ...]:
    """Return the published modes: full, the weight halved, then both halved together.

    >>> [str(mode) for mode in default_modes(8, 8)]
    ['8x8', '8x4', '8x2', '4x4', '2x2']
    """
    acts, weights = halvings(act_width), halvings(weight_width)
    pairs = [(act_width, weight) for weight in weights]
    pairs += list(zip(acts[1:], weights[1:], strict=False))
    return tuple(Mode(act_bits=act, weight_bits=weight) for act, weight in pairs)
