"""Errors of floating-point units: of rounding in dot products and converters, and of functions."""

from typing import Any

import numpy as np

from macsmith.approximation.error_statistics import Sample
from macsmith.approximation.real_operands import RealOperands, in_beats
from macsmith.contract.errors import UserError
from macsmith.formats.number_codes import Floats, decode, encode
from macsmith.golden.functions.faithful import TRUE
from macsmith.host.int64s import Int64s

MOST_BITS = 16
"""Bits of codes up to which all of them are tried."""


def of_products(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return floating-point dot products of the first point beside exact sums of the same codes.

    Operands are rounded to the formats first, which is no error of the unit.
    """
    point = spec.points[0]
    if spec.result_format is None or point.scale is not None:
        raise UserError(
            "result and points must be a number format without block scales to tell errors, not "
            f"{spec.result} and {point}"
        )
    products = spec.products_at(point)
    reals = operands.drawn(products, act_signed=True)
    codes = [
        encode(fmt, values, "nearest-even", True).astype(np.int64)
        for fmt, values in zip((point.a, point.b), reals, strict=True)
    ]
    fields = {name: in_beats(one, products) for name, one in zip("ab", codes, strict=True)}
    if "c" in spec.inputs(point)["i"].fields:
        fields["c"] = np.zeros((len(codes[0]), 1, 1), np.int64)
    a, b = (decode(fmt, one) for fmt, one in zip((point.a, point.b), codes, strict=True))
    # Products are exact in float64; of their sum 64 bits are kept.
    exact = (a.astype(np.longdouble) * b).sum(axis=1).astype(float)
    found = decode(spec.result_format, model.respond(point, fields)["sum"].reshape(-1))
    return Sample(exact=exact, found=found)


def of_function(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return a function's results in last places of the true value, for every argument of 16 bits.

    Of wider formats as many arguments are drawn as there are terms of all dot products. Left out
    is what has no number, or none in the format.
    """
    fmt = spec.fmt
    every = fmt.width <= MOST_BITS
    codes = _codes(fmt.width, operands, every=every)
    x = decode(fmt, codes)
    with np.errstate(all="ignore"):
        exact = TRUE[spec.function](x)
    found = decode(fmt, model.respond(None, {"x": codes[:, np.newaxis, np.newaxis]})["y"][:, 0])
    least = np.ldexp(1.0, 1 - fmt.bias)
    counted = np.isfinite(exact) & np.isfinite(found) & (np.abs(exact) >= least)
    return _in_places(fmt, exact[counted], found[counted], every=every)


def _codes(bits: int, operands: RealOperands, *, every: bool) -> Int64s:
    if every:
        return np.arange(1 << bits)
    return operands.rng.integers(0, 1 << bits, operands.count * operands.terms)


def _in_places(fmt: Any, exact: Floats, found: Floats, *, every: bool) -> Sample:
    """Return results counted in units in the last place of the exact ones."""
    place = np.ldexp(1.0, np.maximum(np.frexp(exact)[1] - 1 - fmt.fraction_bits, fmt.lsb))
    return Sample(exact=exact / place, found=found / place, unit="ulp", every=every)
