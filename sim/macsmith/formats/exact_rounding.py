"""Whole numbers times a power of two, rounded to a format: exact, whatever their size.

The same rules as `macsmith.formats.number_codes.encode`, in Python's own integers.
"""

from macsmith.contract.number_format import NumberFormat


def rounded(
    fmt: NumberFormat, total: int, exponent: int, rounding: str = "nearest-even",
    saturate: bool | None = None,
) -> int:  # fmt: skip
    """Return the code of ``total * 2^exponent``, that of a positive zero if it is zero.

    ``down`` is toward minus infinity. Overflow is infinity, or NaN, or the greatest number, as
    the format says unless ``saturate`` does.
    """
    negative, size = total < 0, abs(total)
    if size == 0:
        return 0
    place = max(size.bit_length() - 1 + exponent - fmt.fraction_bits, fmt.lsb)
    if fmt.integer:
        place = fmt.lsb
    dropped = place - exponent
    if dropped <= 0:
        kept = size << -dropped
    else:
        kept, rest = size >> dropped, size & (1 << dropped) - 1
        half = 1 << dropped - 1
        match rounding:
            case "nearest-even":
                kept += rest > half or (rest == half and kept % 2 == 1)
            case "ties-away":
                kept += rest >= half
            case "down":
                kept += rest > 0 and negative
    if fmt.integer:
        kept = min(kept, fmt.greatest)
        return (-kept if negative else kept) % (1 << fmt.width)
    code = (place - fmt.lsb << fmt.fraction_bits) + kept
    if not fmt.subnormal:
        code = max(code - (1 << fmt.fraction_bits), 0)
    if code > fmt.greatest:
        code = fmt.greatest if _inward(rounding, negative) else beyond(fmt, saturate)
    if code >= fmt.magnitudes or (code == 0 and fmt.negative_zero == "nan"):
        return code
    return code + negative * fmt.magnitudes


def beyond(fmt: NumberFormat, saturate: bool | None = None) -> int:
    """Return the code of what is greater than all numbers, without its sign."""
    if not (fmt.saturates if saturate is None else saturate):
        for code in (fmt.infinity, fmt.nan):
            if code is not None:
                return code
    return fmt.greatest


def _inward(rounding: str, negative: bool) -> bool:
    """Return whether a rounding never leaves the numbers on this side."""
    return rounding == "toward-zero" or (rounding == "down" and not negative)
