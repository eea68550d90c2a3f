"""Scales of blocks: what MX chooses by the greatest magnitude, and what NVFP4 does."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from macsmith.contract.number_format import FORMATS, NumberFormat
from macsmith.formats.number_codes import decode, encode
from macsmith.host.int64s import Int64s

SCALE_RULES = ("floor", "ceil", "rceil", "even")
"""How an MX scale follows from the greatest magnitude."""


def scale_exponents(
    blocks: Any, element: NumberFormat, rule: str
) -> tuple[Int64s, NDArray[np.bool_]]:
    """Return the exponents of MX scales, and which blocks have none.

    With a the greatest magnitude, m the element format's, and 2^e the power of two in that:
    ``floor(log2 a) - e``, ``ceil(log2 a) - e``, ``ceil(log2(a / m))``, and for ``even`` the first
    of a rounded to the element's fraction; all from -127 to 127, and -127 for a block of zeros.

    Parameters
    ----------
    blocks:
        Values, the last axis a block.
    """
    most = float(decode(element, np.array(element.greatest)))
    top = int(np.frexp(most)[1]) - 1
    sizes = np.abs(blocks)
    lost = ~np.isfinite(sizes).all(axis=-1)
    greatest = np.where(lost, 0.0, np.where(np.isfinite(sizes), sizes, 0.0).max(axis=-1))
    significand, exponent = np.frexp(greatest)
    floor = exponent.astype(np.int64) - 1
    match rule:
        case "floor":
            chosen = floor - top
        case "ceil":
            chosen = floor + (significand > 0.5) - top
        case "rceil":
            chosen = floor - top + (2 * significand > most / 2.0**top)
        case "even":
            fraction = element.fraction_bits - element.integer
            chosen = (
                floor - top + (np.rint(2 * significand * 2.0**fraction) == 2.0 ** (fraction + 1))
            )
    chosen = np.where(greatest == 0, -127, chosen).clip(-127, 127)
    return chosen, lost


def to_mx(
    blocks: Any, element: NumberFormat, rule: str = "floor", rounding: str = "nearest-even"
) -> tuple[Int64s, Int64s]:
    """Return codes of elements and of scales of E8M0; elements saturate."""
    exponents, lost = scale_exponents(blocks, element, rule)
    scaled = np.ldexp(np.where(lost[..., np.newaxis], 0.0, blocks), -exponents[..., np.newaxis])
    return encode(element, scaled, rounding, True), np.where(lost, 255, exponents + 127)


def to_nvfp4(
    blocks: Any, tensor_scale: float = 1.0, rounding: str = "nearest-even", rule: str = "even"
) -> tuple[Int64s, Int64s]:
    """Return codes of E2M1 elements and of E4M3 scales: ``s = a / (6 g)`` of a block, saturated.

    A block with NaN or infinity has NaN as its scale and zeros; where the scale is zero, so are
    the elements.

    Parameters
    ----------
    tensor_scale:
        The scale g that a whole tensor shares, ``a_tensor / (6 * 448)``.
    rule:
        How scales are rounded: ``even`` to the nearest, ``floor`` down, ``ceil`` and ``rceil`` up.
    """
    lost = ~np.isfinite(blocks).all(axis=-1)
    numbers = np.where(lost[..., np.newaxis], 0.0, blocks)
    wanted = np.abs(numbers).max(axis=-1) / (6 * tensor_scale)
    fmt = FORMATS["e4m3fn"]
    assert fmt.nan is not None
    if rule in ("ceil", "rceil"):
        # The number below of what is negative has the size of the number above.
        scales = encode(fmt, -wanted, "down", True) % fmt.magnitudes
    else:
        scales = encode(fmt, wanted, "nearest-even" if rule == "even" else "toward-zero", True)
    sizes = decode(fmt, scales)[..., np.newaxis] * tensor_scale
    zeros = np.where(lost[..., np.newaxis], 0.0, np.copysign(0.0, numbers))
    values = np.divide(numbers, sizes, out=zeros, where=sizes != 0)
    return encode(FORMATS["e2m1"], values, rounding, True), np.where(lost, fmt.nan, scales)
