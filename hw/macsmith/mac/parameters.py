"""What a user sets of a MAC unit: widths, signs, precision modes, how it is built; their rules."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

from macsmith.arith.compressor_plan import FULL_ADDERS, SHARED
from macsmith.contract.checks import check_choice, check_flag, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode, default_modes
from macsmith.contract.unit import LATER, UnitSpec, Variants
from macsmith.mac.design_variants import design_variants

WIDTHS = range(2, 17)
"""Operand widths that a unit may be built for, in bits, if its style does not say another."""

MAX_HEADROOM = 32
"""Most guard bits of an accumulator."""

ADDERS = ("auto", "ripple", "brent-kung", "sklansky", "kogge-stone")
"""Carry networks of final adders; auto fits one to when the columns arrive."""

ARITH = ("heap", "operators")
"""How sums are written: as adder cells, or as ``+`` for the synthesis tool to build."""

COMPRESSORS = ("3:2", "4:2", "dadda")
"""What reduces tall columns: full adders column by column, 4:2 compressors too, or full adders
by stages of Dadda's heights."""

TIMING = ("levels", "cells")
"""What arrivals in sums count: levels of XOR, or delays of mapped cells, pin by pin."""

CLOCK_GATING = ("none", "enable", "cell")
"""What stops register bits that a mode leaves idle: nothing, enables, or clock gate cells."""

SHARED_CHOICES = {
    "adder": ADDERS,
    "arith": ARITH,
    "compressor": COMPRESSORS,
    "timing": TIMING,
    "full_adder": FULL_ADDERS,
    "clock_gating": CLOCK_GATING,
}
"""Allowed values by parameter."""

_FAST = {"timing": "cells", "full_adder": "majority", "compressor": "dadda"}

SUMS: Sequence[Mapping[str, Any]] = (
    {"adder": "ripple"},
    _FAST,
    {"timing": "cells", "full_adder": "mixed"},
    {**_FAST, "adder": "kogge-stone"},
    {"timing": "cells", "full_adder": "majority"},
    {"adder": "sklansky"},
    {"timing": "cells", "full_adder": "mixed", "adder": "ripple"},
)
"""Ways to build sums, the most promising first."""

MAX_LENGTH, MAX_ROWS = 64, 64
"""Most products of a dot product, and most dot products of a matrix-vector unit."""


@dataclass(frozen=True, kw_only=True)
class MacParameters(UnitSpec):
    """What a user sets of a precision-scalable multiply-accumulate unit.

    Parameters
    ----------
    act_width, weight_width:
        Bits of a full-precision operand, 2 to 16, or within `widths` where a style has others.
    act_signed, weight_signed:
        Two's complement if true, else unsigned.
    headroom:
        Guard bits of each accumulator, 0 to 32; accumulators wrap.
    modes:
        Precisions to build, each within the operand widths; () takes `default_modes`.
    adder:
        Carry network of the final adders, one of `ADDERS`.
    arith:
        How sums are written, one of `ARITH`.
    compressor:
        What reduces tall columns, one of `COMPRESSORS`.
    timing:
        What arrivals in sums count, one of `TIMING`; with ``cells`` carries propagate by OR, and
        ``adder=auto`` is a network of `macsmith.arith.prefix_plan`.
    full_adder:
        Form of full adders that are gates, one of `FULL_ADDERS`.
    stages:
        2 with a product register, 1 if a product enters the accumulator's heap at once.
    clock_gating:
        What stops register bits that a mode leaves idle, one of `CLOCK_GATING`.
    length:
        Elements of a dot product, 1 to 64: so many multipliers add up in one heap.
    rows:
        Dot products that share the activations, 1 to 64: a matrix by a vector.

    Raises
    ------
    UserError
        If a parameter breaks its rule.
    """

    operation: ClassVar[str] = "MAC"

    designs: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    """The parameter that makes different published designs of the style, with its values."""

    own_kinds: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Variants to verify that this style has alone."""

    widths: ClassVar[range] = WIDTHS
    """Operand widths that a unit may be built for, in bits."""

    any_weights: ClassVar[bool] = True
    """Whether weights may have any value; else they are trained to those that the unit has."""

    act_width: int = 8
    weight_width: int = 8
    act_signed: bool = False
    weight_signed: bool = True
    headroom: int = 4
    modes: tuple[Mode, ...] = ()
    adder: str = "auto"
    arith: str = "heap"
    compressor: str = "3:2"
    timing: str = field(default="levels", metadata=LATER)
    full_adder: str = field(default="shared", metadata=LATER)
    stages: int = 2
    clock_gating: str = "enable"
    length: int = 1
    rows: int = 1

    def __post_init__(self) -> None:
        for name in ("act_width", "weight_width"):
            check_int(name, getattr(self, name), self.widths, self.legal_widths(name))
        check_int("headroom", self.headroom, range(MAX_HEADROOM + 1))
        check_flag("act_signed", self.act_signed)
        check_flag("weight_signed", self.weight_signed)
        check_int("stages", self.stages, (1, 2))
        check_int("length", self.length, range(1, MAX_LENGTH + 1))
        check_int("rows", self.rows, range(1, MAX_ROWS + 1))
        for name, allowed in SHARED_CHOICES.items():
            check_choice(name, getattr(self, name), allowed)
        self._check_timing()
        if not self.modes:
            modes = default_modes(self.act_width, self.weight_width)
            object.__setattr__(self, "modes", modes)
        for mode in self.modes:
            if not 1 <= mode.act_bits <= self.act_width:
                raise UserError(
                    f"modes must have activations of 1 to act_width = {self.act_width} bits, "
                    f"not {mode}"
                )
            if not 1 <= mode.weight_bits <= self.weight_width:
                raise UserError(
                    f"modes must have weights of 1 to weight_width = {self.weight_width} bits, "
                    f"not {mode}"
                )
        if len(set(self.modes)) < len(self.modes):
            twice = next(mode for mode in self.modes if self.modes.count(mode) > 1)
            raise UserError(f"modes must name each mode once, not {twice} twice")

    def _check_timing(self) -> None:
        """Refuse forms of sums that count the other kind of arrivals."""
        if self.timing == "cells" and self.compressor == "4:2":
            raise UserError("compressor must be 3:2 or dadda where timing is cells, not '4:2'")
        if self.timing == "levels":
            if self.compressor == "dadda":
                raise UserError("compressor must be 3:2 or 4:2 unless timing is cells, not 'dadda'")
            if self.full_adder != SHARED:
                raise UserError(
                    f"full_adder must be shared unless timing is cells, not {self.full_adder!r}"
                )

    def takes_width(self, name: str, width: int) -> bool:
        """Return whether no rule of the style refuses a width, all else being as it is."""
        bits = "act_bits" if name == "act_width" else "weight_bits"
        fits = all(getattr(mode, bits) <= width for mode in self.modes)
        # Modes that nobody named follow the widths.
        return fits or self.modes == default_modes(self.act_width, self.weight_width)

    def legal_widths(self, name: str) -> list[int]:
        """Return the widths that an operand could have, all else being as it is."""
        return [width for width in self.widths if self.takes_width(name, width)]

    @classmethod
    def variants(cls) -> Variants:
        return design_variants(cls.designs, cls.own_kinds)

    def forms(self) -> Sequence[UnitSpec]:
        usual = {one.name: one.default for one in fields(self)}
        found: dict[UnitSpec, None] = {self: None}
        for form in self.same_function():
            if all(getattr(self, name) == usual[name] for name in form):
                with suppress(UserError):
                    found[replace(self, **form)] = None
        return list(found)

    def same_function(self) -> Iterable[Mapping[str, Any]]:
        """Return parameters by which a unit is built otherwise, the most promising first."""
        return () if self.arith == "operators" else SUMS

    def parameters(self) -> dict[str, Any]:
        return super().parameters() | {"modes": [str(mode) for mode in self.modes]}

    @classmethod
    def decoded(cls, name: str, value: Any) -> Any:
        return tuple(map(Mode.parse, value)) if name == "modes" else value
