"""The MACs of an array: one dot product of a PE, as a specification that an array holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from macsmith.array.array_mac import ArrayCore, ArrayMac
from macsmith.contract.checks import check_choice, check_int
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.contract.nested_spec import nested
from macsmith.contract.unit import UnitSpec
from macsmith.fp.array_mac.float_core import FloatDot
from macsmith.fp.array_mac.spec import FloatMacSpec
from macsmith.mac.ebsp.spec import LUTS, WEIGHT_WIDTHS
from macsmith.mac.parameters import WIDTHS
from macsmith.mac.spec import MacSpec
from macsmith.mac.styles import STYLES, Style

FLOATING = "fp-dot"
"""MACs of floating-point numbers, by the name of the unit that does the same behind streams."""

MACS: dict[str, type[UnitSpec]] = {
    **{name: style.spec for name, style in STYLES.items() if style.core.product_a_cycle},
    FLOATING: FloatMacSpec,
}
"""MACs of a PE by their style: those that take a product a cycle."""

USUAL_ACC_WIDTH = 32
"""Bits of an accumulator if nobody says another number."""

FLAT = (
    "act_width", "weight_width", "act_signed", "weight_signed", "pattern", "lut", "modes", "adder",
    "arith", "compressor", "stages", "clock_gating",
)  # fmt: skip
"""Parameters of the MACs that are the array's by name, too."""


FOLLOWS = frozenset({
    "length", "rows", "headroom", "steering", "products", "addend", "chunk", "accumulate", "result",
})  # fmt: skip
"""Parameters of the MACs that nobody sets: sizes, and what streams bring or take."""


def dot_product() -> Any:
    """Return the field of an array that holds its MACs; see `Nested` for what it knows of them.

    The array decides on length, rows, headroom and steering. The names of EBSP alone stay legal
    whatever the MACs are.
    """
    return nested(
        "data-gated",
        MACS,
        flat=FLAT,
        follows=FOLLOWS,
        completed=_completed,
        unused={
            "pattern": lambda value: check_int("pattern", value, range(1, WEIGHT_WIDTHS[-1])),
            "lut": lambda value: check_choice("lut", value, LUTS),
        },
    )


def _completed(name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return parameters of the MACs with an array's defaults: 8 bits, one mode, one stage."""
    if name == FLOATING:
        return given
    values = {
        "act_width": 8, "weight_width": 8, "stages": 1, "clock_gating": "enable", "modes": (),
        **given,
    }  # fmt: skip
    if not values["modes"]:
        full = Mode(act_bits=values["act_width"], weight_bits=values["weight_width"])
        values["modes"] = (full,)
    return values


# What an array does with its MACs depends on their arithmetic.


@dataclass(frozen=True)
class Macs:
    """What an array knows of MACs of one arithmetic.

    Members
    -------
    check
        Refuses what does not work in an array.
    accumulator
        Returns the accumulator's width, from MACs, length, the width asked for and those allowed.
    fitted
        Returns MACs of so many products and so wide an accumulator.
    name
        Returns what users call them.
    result
        Returns the format of their sums, if converters know it.
    core
        Returns the core of one dot product, which may share what is made of its activations, and
        whose sums may come in.
    """

    check: Callable[[Any], None]
    accumulator: Callable[[Any, int, int, range], int]
    fitted: Callable[[Any, int, int], Any]
    name: Callable[[Any], str]
    result: Callable[[Any], str | None]
    core: Callable[[Any, bool, bool], ArrayCore]


def macs_of(mac: ArrayMac) -> Macs:
    """Return what an array knows of its MACs."""
    return _ARITHMETIC[mac.arithmetic]


def style_of(mac: Any) -> Style:
    """Return the style of MACs of integers."""
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


def _check_integers(mac: MacSpec) -> None:
    """Refuse MACs whose registers run free, as an array stops its own, and wide operands."""
    check_steering(mac)
    for name in ("act_width", "weight_width"):
        check_int(name, getattr(mac, name), WIDTHS)
    if mac.free_running:
        raise UserError(
            "mac must be stopped by the array, by enables, which is stall = 'any', not 'none'"
        )


def _bare(mac: MacSpec, length: int) -> MacSpec:
    """Return MACs of so many products; a style's accumulator is as wide as product and headroom."""
    return replace(mac, length=length, rows=1, headroom=0)


def _integer_accumulator(mac: MacSpec, length: int, width: int, allowed: range) -> int:
    """Return the width asked for, if sums of so many products fit."""
    fitting = range(max(allowed.start, _bare(mac, length).acc_width), allowed.stop)
    return check_int("acc_width", width, allowed, fitting)


def _fitted_integers(mac: MacSpec, length: int, acc_width: int) -> MacSpec:
    """Return MACs with guard bits up to so wide an accumulator."""
    bare = _bare(mac, length)
    headroom = acc_width - bare.acc_width
    if headroom < 0:
        raise UserError(
            f"acc_width must be at least {bare.acc_width} for sums of {length} products, "
            f"not {acc_width}"
        )
    return replace(bare, headroom=headroom)


def _integer_core(mac: MacSpec, shared: bool, chained: bool) -> ArrayCore:
    style = style_of(mac)
    return (style.chained if chained else style.dot)(mac, shared=shared)


def _float_accumulator(mac: FloatMacSpec, length: int, width: int, allowed: range) -> int:
    """Return the width of the format, or that asked for if a raw sum fits."""
    bare = _fitted_floats(mac, length, 0)
    if mac.acc_format is None:
        fitting = range(max(allowed.start, bare.acc_width), allowed.stop)
        if width not in fitting:
            raise UserError(
                f"acc_width must be from {bare.acc_width} to {allowed[-1]} for raw sums of "
                f"{length} lanes of {','.join(mac.formats)}, not {width}"
            )
        return width
    if width not in (USUAL_ACC_WIDTH, bare.acc_width):
        raise UserError(
            f"acc_width must be {bare.acc_width}, the bits of mac.acc = {mac.acc}, not {width}"
        )
    return bare.acc_width


def _fitted_floats(mac: FloatMacSpec, length: int, acc_width: int) -> FloatMacSpec:
    """Return MACs of so many lanes; a raw sum has guard bits up to its width."""
    bare = replace(mac, products=length, headroom=0)
    if mac.acc_format is not None:
        return bare
    return replace(bare, headroom=max(0, acc_width - bare.acc_width))


_ARITHMETIC: Mapping[str, Macs] = {
    "integer": Macs(
        _check_integers, _integer_accumulator, _fitted_integers, lambda mac: style_of(mac).name,
        lambda mac: None, _integer_core,
    ),
    "floating": Macs(
        lambda mac: None, _float_accumulator, _fitted_floats, lambda mac: FLOATING,
        lambda mac: mac.acc if mac.acc_format is not None else None,
        lambda mac, shared, chained: FloatDot(mac, chained),
    ),
}  # fmt: skip
"""What depends on it."""
