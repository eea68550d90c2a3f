"""Spatial scaling: operands cut into halves, level by level."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from macsmith.contract.checks import check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.mac.spec import MacSpec


@dataclass(frozen=True, kw_only=True)
class LevelsSpec(MacSpec):
    """A style whose multiplier splits into halves ``levels`` times.

    At scaling level k an operand lane has ``width / 2^k`` bits. A mode between two levels runs
    at the wider one, its operands gated to their lanes' top bits.

    Parameters
    ----------
    levels:
        Times that an operand is halved, 1 or 2.
    """

    designs: ClassVar[Mapping[str, tuple[Any, ...]]] = {"levels": (1, 2)}

    levels: int = 2

    cut_widths: ClassVar[tuple[str, ...]] = ("act_width", "weight_width")
    """The widths that are halved."""

    def __post_init__(self) -> None:
        check_int("levels", self.levels, (1, 2))
        super().__post_init__()
        for name in self.cut_widths:
            width, part = getattr(self, name), 1 << self.levels
            if width % part:
                below = [legal for legal in self.legal_widths(name) if legal < width]
                legal = max(below, default=max(width // part * part, part))
                raise UserError(
                    f"{name} must be a multiple of {part} for levels={self.levels}, "
                    f"not {width}; the nearest below is {legal}"
                )

    def takes_width(self, name: str, width: int) -> bool:
        halves = name not in self.cut_widths or width % (1 << self.levels) == 0
        return halves and super().takes_width(name, width)

    @property
    def digits(self) -> int:
        """Pieces that an operand is cut into at the lowest level."""
        return 1 << self.levels

    def act_level(self, mode: Mode) -> int:
        """Return the scaling level at which the activations of a mode run."""
        return _level(self.act_width, mode.act_bits, self.levels)

    def weight_level(self, mode: Mode) -> int:
        """Return the scaling level at which the weights of a mode run."""
        return _level(self.weight_width, mode.weight_bits, self.levels)


def _level(width: int, bits: int, levels: int) -> int:
    return max(level for level in range(levels + 1) if bits <= width >> level)
