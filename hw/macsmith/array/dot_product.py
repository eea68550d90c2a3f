"""The MACs of an array: one dot product of a PE, as a specification that an array holds."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.contract.nested_spec import nested
from macsmith.mac.ebsp.spec import LUTS, WEIGHT_WIDTHS
from macsmith.mac.parameters import WIDTHS
from macsmith.mac.spec import MacSpec
from macsmith.mac.styles import STYLES, Style

MACS = {name: style.spec for name, style in STYLES.items() if style.core.product_a_cycle}
"""MACs of a PE by their style: those that take a product a cycle."""

FLAT = (
    "act_width", "weight_width", "act_signed", "weight_signed", "pattern", "lut", "modes", "adder",
    "arith", "compressor", "stages", "clock_gating",
)  # fmt: skip
"""Parameters of the MACs that are the array's by name, too."""


def dot_product() -> Any:
    """Return the field of an array that holds its MACs; see `Nested` for what it knows of them.

    The array decides on length, rows, headroom and steering. The names of EBSP alone stay legal
    whatever the MACs are.
    """
    return nested(
        "data-gated",
        MACS,
        flat=FLAT,
        follows=frozenset({"length", "rows", "headroom", "steering"}),
        completed=_completed,
        unused={
            "pattern": lambda value: check_int("pattern", value, range(1, WEIGHT_WIDTHS[-1])),
            "lut": lambda value: check_choice("lut", value, LUTS),
        },
    )


def _completed(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return parameters of the MACs with an array's defaults: 8 bits, one mode, one stage."""
    values = {
        "act_width": 8, "weight_width": 8, "stages": 1, "clock_gating": "enable", "modes": (),
        **given,
    }  # fmt: skip
    if not values["modes"]:
        full = Mode(act_bits=values["act_width"], weight_bits=values["weight_width"])
        values["modes"] = (full,)
    return values


def style_of(mac: MacSpec) -> Style:
    """Return the style of MACs."""
    return next(style for style in STYLES.values() if style.spec is type(mac))


def check_steering(mac: MacSpec) -> None:
    """Refuse MACs that are steered elsewhere than the array does it, at the edge of the grid.

    Raises
    ------
    UserError
        If they are.
    """
    usual = {field.name: field.default for field in fields(mac)}.get("steering")
    given = mac.parameters().get("steering")
    if given != usual:
        raise UserError(
            f"mac must be steered by the array, at the edge of its grid, which is steering = "
            f"{usual!r}, not {given!r}"
        )


def check_macs(mac: MacSpec) -> None:
    """Refuse MACs whose registers run free, as an array stops its own, and wide operands.

    Raises
    ------
    UserError
        If they do.
    """
    for name in ("act_width", "weight_width"):
        check_int(name, getattr(mac, name), WIDTHS)
    if mac.free_running:
        raise UserError(
            "mac must be stopped by the array, by enables, which is stall = 'any', not 'none'"
        )


def _bare(mac: MacSpec, length: int) -> MacSpec:
    """Return MACs of so many products; a style's accumulator is as wide as product and headroom."""
    return replace(mac, length=length, rows=1, headroom=0)


def acc_widths(mac: MacSpec, length: int, allowed: range) -> range:
    """Return the widths, of those allowed, in which sums of so many products fit."""
    return range(max(allowed.start, _bare(mac, length).acc_width), allowed.stop)


def fitted(mac: MacSpec, length: int, acc_width: int) -> MacSpec:
    """Return MACs of so many products and so wide an accumulator.

    Raises
    ------
    UserError
        If sums of so many products do not fit.
    """
    bare = _bare(mac, length)
    headroom = acc_width - bare.acc_width
    if headroom < 0:
        raise UserError(
            f"acc_width must be at least {bare.acc_width} for sums of {length} products, "
            f"not {acc_width}"
        )
    return replace(bare, headroom=headroom)
