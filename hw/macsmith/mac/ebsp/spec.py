"""What an EBSP unit is: weights whose ones lie inside a window, and how they are multiplied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from macsmith.contract.bit_routes import Source
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.mac.parallel.data_gated import WholeOperandsSpec

WEIGHT_WIDTHS = range(3, 17)
"""Bits of a weight, its sign included."""

LUTS = (
    "digits-4", "digits-2", "whole", "bank", "signed-digits", "shared-rows", "dual-window",
)  # fmt: skip
"""How a pattern times an activation is had: see `macsmith.mac.ebsp.pattern_product`."""

STEERINGS = ("load", "stored", "datapath")
"""Where a weight is taken apart: on its way into its register, before it comes, or behind it."""

_WINDOWS = {
    f"{bits} bits in windows of {pattern}{kind}": {"weight_width": bits, "pattern": pattern, **what}
    for bits in (4, 5, 6, 8)
    for pattern in range(1, min(4, bits - 1) + 1)
    for kind, what in (("", {}), (", signed activation", {"act_signed": True}))
    # The default, and both signed, are among the kinds of all styles.
    if (bits, pattern) != (6, 3)
}

MAX_BANK = 5
"""Longest pattern of a bank, which holds 2^(L-1) multiples."""


@dataclass(frozen=True, kw_only=True)
class EbspSpec(WholeOperandsSpec):
    """EBSP: the ones of a weight lie inside ``pattern`` adjacent bits, so few products are needed.

        w = (-1)^s * p * 2^k,  0 <= p < 2^L,  |w| < 2^(N-1)        a * w = (-1)^s * (a * p) << k

    A leading-one detector finds the window. What lies below it is dropped: an illegal weight loses
    less than ``2^-(L-1)`` of itself; -2^(N-1) reads as 0.
    Liu et al., "EBSP", DAC 2022; the window is our reading (docs/ebsp.md).

    Parameters
    ----------
    pattern:
        Bits L of the window, 1 to ``weight_width - 1``.
    lut:
        How ``a * p`` is had, a name of `LUTS`; ``dual-window`` cuts the activation to a window
        too, and is approximate.
    steering:
        ``load`` takes two's complement and keeps codes, ``stored`` takes codes
        (`macsmith.formats.ebsp_codes`), ``datapath`` keeps two's complement and detects behind
        the register.
    """

    summary: ClassVar[str] = "weights with their ones in a window of few bits"

    any_weights: ClassVar[bool] = False

    designs: ClassVar[Mapping[str, tuple[Any, ...]]] = {"lut": LUTS}

    own_kinds: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        **_WINDOWS,
        "stored codes": {"steering": "stored", "weight_width": 8, "act_signed": True},
        "detector in the datapath": {"steering": "datapath", "weight_width": 7},
        "codes in a matrix": {"steering": "stored", "length": 2, "rows": 3, "act_width": 4},
    }

    weight_width: int = 6
    pattern: int = 3
    lut: str = "digits-4"
    steering: str = "load"

    def __post_init__(self) -> None:
        legal = (width for width in WEIGHT_WIDTHS if self.takes_width("weight_width", width))
        check_int("weight_width", self.weight_width, WEIGHT_WIDTHS, legal)
        check_int("pattern", self.pattern, range(1, self.weight_width))
        check_choice("lut", self.lut, LUTS)
        check_choice("steering", self.steering, STEERINGS)
        if not self.modes:
            full = Mode(act_bits=self.act_width, weight_bits=self.weight_width)
            object.__setattr__(self, "modes", (full,))
        super().__post_init__()
        if not self.weight_signed:
            raise UserError(
                "weight_signed must be true for EBSP, whose weights have a sign and a magnitude, "
                "not false"
            )
        if self.lut == "bank" and self.pattern > MAX_BANK:
            raise UserError(
                f"pattern must be at most {MAX_BANK} for lut=bank, which holds 2^(pattern - 1) "
                f"multiples, not {self.pattern}"
            )
        if self.lut == "dual-window" and self.pattern > self.act_width:
            raise UserError(
                f"pattern must be at most act_width = {self.act_width} for lut=dual-window, "
                f"not {self.pattern}"
            )
        for mode in self.modes:
            if mode.weight_bits != self.weight_width:
                raise UserError(
                    f"modes must have weights of weight_width = {self.weight_width} bits, as "
                    f"patterns do, not {mode}"
                )

    def takes_width(self, name: str, width: int) -> bool:
        if name == "act_width":
            legal = self.lut != "dual-window" or width >= self.pattern
        else:
            legal = width > self.pattern
        return legal and super().takes_width(name, width)

    @property
    def product_width(self) -> int:
        # Of signed digits the rows may carry out of the sum's top, and take it back.
        return self.sum_width + (self.lut == "signed-digits")

    @property
    def shifts(self) -> int:
        """Places where the window may lie, ``M - L + 1``."""
        return self.weight_width - self.pattern

    @property
    def exponent_bits(self) -> int:
        """Bits of a code's exponent, which is 0 to `shifts`."""
        return self.shifts.bit_length()

    @property
    def code(self) -> str:
        """How weights are kept, ``float`` or ``magnitude``: see `weight_steering`."""
        return "magnitude" if self.lut == "shared-rows" else "float"

    @property
    def code_bits(self) -> int:
        """Bits of a code: sign and magnitude, or sign, exponent and pattern but its leading one."""
        if self.code == "magnitude":
            return self.weight_width
        return self.pattern + self.exponent_bits

    @property
    def kept_weight_bits(self) -> int:
        """Bits of a weight in its register."""
        return self.weight_width if self.steering == "datapath" else self.code_bits

    def weight_field_bits(self, mode: Mode) -> int:
        return self.code_bits if self.steering == "stored" else mode.weight_bits

    @property
    def weight_format(self) -> str:
        if self.steering != "stored":
            return "integer"
        return f"ebsp/{self.code}/{self.weight_width}/{self.pattern}"

    def element_weight_source(self, mode: Mode) -> tuple[Source, ...]:
        return tuple(range(self.weight_field_bits(mode)))
