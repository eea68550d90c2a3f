"""What a unit of dynamic activation pruning is."""

from dataclasses import dataclass, field, fields
from typing import Any

from amaranth.lib import data

from macsmith.array.spec import BLOCKS
from macsmith.contract.checks import check_choice, check_flag, check_int
from macsmith.contract.modes import Mode
from macsmith.contract.unit import UnitSpec

WIDTHS = range(1, 17)
"""Widths of an activation, in bits."""

FORMS = ("bitmask", "index")
"""How the places of what is kept are told."""


@dataclass(frozen=True, kw_only=True)
class DapSpec(UnitSpec):
    """A cascade of maximum selectors, which keeps the largest magnitudes of a block.

    It multiplies nothing, so it has no modes. Liu, Whatmough, Zhu and Mattina, "S2TA" (HPCA 2022),
    whose unit keeps 1 to 5 of 8, or all.

    Parameters
    ----------
    act_width, act_signed:
        Of an activation: 1 to 16 bits.
    block:
        Activations of a block: 4, 8 or 16.
    nonzeros:
        Selectors, 1 to ``block``: the most that is kept, unless all are.
    form:
        ``bitmask`` or ``index``: how the places of what is kept are told.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    act_width: int = 8
    act_signed: bool = False
    block: int = 8
    nonzeros: int = 5
    form: str = "bitmask"

    summary = "dynamic activation pruning: of each block the largest magnitudes, and their places"
    modes: tuple[Mode, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        check_int("act_width", self.act_width, WIDTHS)
        check_flag("act_signed", self.act_signed)
        check_int("block", self.block, BLOCKS)
        check_int("nonzeros", self.nonzeros, range(1, self.block + 1))
        check_choice("form", self.form, FORMS)

    @property
    def latency(self) -> int:
        """Cycles from the transfer of a block to the first valid cycle of its result."""
        return self.nonzeros + 1

    @property
    def place_bits(self) -> int:
        """Bits of a place in a block."""
        return (self.block - 1).bit_length()

    @property
    def input_layout(self) -> data.StructLayout:
        """Layout of an input beat.

        Members
        -------
        values
            The activations of a block, the first lowest.
        keep
            How many are kept, 0 for all; more than ``nonzeros`` is a fault.
        """
        return data.StructLayout(
            {"values": self.block * self.act_width, "keep": range(self.nonzeros + 1)}
        )

    @property
    def output_layout(self) -> data.StructLayout:
        """Layout of an output beat.

        Members
        -------
        values
            What is kept, in rising places from the lowest bit up; zeros above.
        places
            ``bitmask``: bit i set if place i is kept. ``index``: the place of each value, zeros
            above.
        kept
            How many are kept.
        lossy
            Whether one that is not zero was dropped.
        """
        places = self.block * (1 if self.form == "bitmask" else self.place_bits)
        return data.StructLayout(
            {
                "values": self.block * self.act_width, "places": places,
                "kept": range(self.block + 1), "lossy": 1,
            }
        )  # fmt: skip

    # What tools ask of a unit.

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        return tuple(one.name for one in fields(cls) if one.init)

    def parameters(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.parameter_names()}

    def products(self, mode: Mode) -> int:
        return 0

    def slots(self, mode: Mode) -> int:
        return 0

    def act_lanes(self, mode: Mode) -> int:
        return self.block

    def weight_lanes(self, mode: Mode) -> int:
        return 0

    def acc_bits(self, mode: Mode) -> int:
        return 0
