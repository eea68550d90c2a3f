"""What a unit of dynamic activation pruning is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from amaranth.lib import data

from macsmith.array.spec import BLOCKS
from macsmith.contract.checks import check_choice, check_flag, check_int
from macsmith.contract.stream import POINT, Layout, layout_of
from macsmith.contract.unit import DEFAULT, UnitSpec, Variants

WIDTHS = range(1, 17)
"""Widths of an activation, in bits."""

FORMS = ("bitmask", "index")
"""How the places of what is kept are told."""

KINDS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (DEFAULT, {}),
    ("both signs", {"act_signed": True}),
    ("block of 4", {"block": 4, "nonzeros": 2}),
    ("block of 16", {"block": 16, "nonzeros": 3}),
    ("one selector", {"nonzeros": 1}),
    ("a selector for each", {"nonzeros": 8, "act_width": 4}),
    ("bits", {"act_width": 1, "block": 4, "nonzeros": 3}),
    ("wide, both signs", {"act_width": 16, "act_signed": True, "nonzeros": 2}),
)
"""Variants to verify, in each form."""


@dataclass(frozen=True)
class Keep:
    """A point of the unit: so many of a block are kept, 0 for all."""

    count: int

    def __str__(self) -> str:
        return f"keep-{self.count}"


@dataclass(frozen=True, kw_only=True)
class DapSpec(UnitSpec):
    """A cascade of maximum selectors, which keeps the largest magnitudes of a block.

    Liu, Whatmough, Zhu and Mattina, "S2TA" (HPCA 2022),
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

    summary = "dynamic activation pruning: the largest magnitudes of each block, and places"
    operation = "block"
    answers_any_point = True

    def __post_init__(self) -> None:
        check_int("act_width", self.act_width, WIDTHS)
        check_flag("act_signed", self.act_signed)
        check_int("block", self.block, BLOCKS)
        check_int("nonzeros", self.nonzeros, range(1, self.block + 1))
        check_choice("form", self.form, FORMS)

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

    @property
    def points(self) -> tuple[Keep, ...]:
        """How many of a block are kept; 0 for all."""
        return tuple(map(Keep, range(self.nonzeros + 1)))

    def operations(self, point: Keep) -> int:
        return 1

    def latency(self, point: Keep) -> int:
        """Return the cycles from the transfer of a block to its result's first valid cycle."""
        return self.nonzeros + 1

    def inputs(self, point: Keep) -> Mapping[str, Layout]:
        """Return the stream ``i``: the values of a block, and how many are kept."""
        signed = ("values",) if self.act_signed else ()
        lanes = {"values": self.block}
        return {"i": layout_of(self.input_layout, lanes, signed, {"keep": POINT})}

    def outputs(self, point: Keep) -> Mapping[str, Layout]:
        """Return the stream ``o``: what is kept, where it was, how many, what was lost."""
        signed = ("values",) if self.act_signed else ()
        lanes = {"values": self.block} | ({} if self.form == "bitmask" else {"places": self.block})
        return {"o": layout_of(self.output_layout, lanes, signed)}

    @classmethod
    def variants(cls) -> Variants:
        return {
            (f"form={form}", kind): {"form": form, **what} for form in FORMS for kind, what in KINDS
        }
