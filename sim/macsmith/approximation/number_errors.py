"""Errors of floating-point units: of rounding in dot products and converters, and of functions."""

from math import lcm
from typing import Any

import numpy as np

from macsmith.approximation.error_statistics import Sample
from macsmith.approximation.real_operands import RealOperands, dots, in_beats
from macsmith.contract.errors import UserError
from macsmith.contract.number_format import NumberFormat
from macsmith.formats.block_scales import to_mx, to_nvfp4
from macsmith.formats.number_codes import Floats, decode, encode
from macsmith.golden.functions.batch_norm import exact_batch_norm
from macsmith.golden.functions.faithful import TRUE
from macsmith.golden.functions.softmax import exact_softmax
from macsmith.host.int64s import Int64s

MOST_BITS = 16
"""Bits of codes up to which all of them are tried."""


def of_products(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return floating-point dot products of the first point beside exact sums of the same codes.

    Operands are rounded to the formats first, which is no error of the unit. Those of at most 8
    bits have a scale that brings the greatest magnitude to the format's greatest number, blocks
    have their own, and sums count in units of the scales.
    """
    point = spec.points[0]
    if spec.result_format is None:
        raise UserError(f"result must be a number format to tell errors, not {spec.result}")
    products = spec.products_at(point)
    length = lcm(products, point.scale.block) if point.scale else products
    reals = operands.drawn(length, act_signed=False)
    fields: dict[str, Int64s] = {}
    values: list[Floats] = []
    unit = 1.0
    for name, fmt, drawn in zip("ab", (point.a, point.b), reals, strict=True):
        if point.scale:
            codes, scales, factor = _in_blocks(fmt, point.scale, drawn)
            sizes = decode(point.scale.format, scales)
            values.append(decode(fmt, codes) * np.repeat(sizes, point.scale.block, axis=1))
            # A block that is longer than a beat has its scale with each of its beats.
            often = max(1, point.scale.block // products)
            each = np.repeat(scales, often, axis=1)
            fields[f"scale_{name}"] = in_beats(each, spec.blocks(point))
        else:
            factor = _factor(fmt, drawn)
            codes = encode(fmt, drawn / factor, "nearest-even", True).astype(np.int64)
            values.append(decode(fmt, codes))
        fields[name] = in_beats(codes, products)
        unit *= factor
    if "c" in spec.inputs(point)["i"].fields:
        fields["c"] = np.zeros((len(reals[0]), 1, 1), np.int64)
    # Products are exact in float64; of their sum 64 bits are kept.
    exact = (values[0].astype(np.longdouble) * values[1]).sum(axis=1).astype(float)
    found = decode(spec.result_format, model.respond(point, fields)["sum"].reshape(-1))
    return Sample(exact=exact, found=found, reals=dots(*reals) / unit)


def _factor(fmt: NumberFormat, values: Floats) -> float:
    """Return the scale of a whole tensor."""
    if fmt.width > _NARROW:
        return 1.0
    return float(np.abs(values).max()) / float(decode(fmt, np.array(fmt.greatest))) or 1.0


_NARROW = 8
"""Bits of formats whose tensors have a scale."""


def _in_blocks(fmt: NumberFormat, scale: Any, values: Floats) -> tuple[Int64s, Int64s, float]:
    """Return codes and scales of blocks, and the scale of the whole tensor."""
    blocks = values.reshape(len(values), -1, scale.block)
    factor = 1.0
    if scale.format.fraction_bits:
        factor = float(np.abs(values).max()) / _NVFP4 or 1.0
        codes, scales = to_nvfp4(blocks, factor)
    else:
        codes, scales = to_mx(blocks, fmt)
    return codes.reshape(values.shape).astype(np.int64), scales.astype(np.int64), factor


_NVFP4 = 6.0 * 448
"""The greatest number of NVFP4."""


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


def of_softmax(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return shares in last places of those of float64, of elements four times as large as drawn.

    Left out are shares below the first binade.
    """
    fmt = spec.fmt
    drawn, _ = operands.drawn(spec.elements, act_signed=True)
    codes = encode(fmt, 4 * drawn, "nearest-even", True).astype(np.int64)
    codes = codes.reshape(-1, 1, spec.elements)
    exact = exact_softmax(decode(fmt, codes)[:, 0])
    found = decode(fmt, model.respond(None, {"x": codes})["y"])
    counted = exact >= np.ldexp(1.0, 1 - fmt.bias)
    return _in_places(fmt, exact[counted], found[counted], every=False)


def of_batch_norm(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return normalised values in last places of the greatest of result, beta, and what it adds to.

    Beats have numbers of a channel of their own: variances are squares.
    """
    fmt = spec.fmt
    drawn, _ = operands.drawn(spec.lanes, act_signed=True)
    beats = drawn.size // spec.lanes
    channel = dict(zip(CHANNEL, operands.rng.normal(size=(4, beats, 1, 1)), strict=True))
    channel["variance"] = np.square(channel["variance"])
    reals = {"x": drawn.reshape(beats, 1, spec.lanes), **channel}
    fields = {
        name: encode(fmt, one, "nearest-even", True).astype(np.int64) for name, one in reals.items()
    }
    rounded = {name: decode(fmt, codes[:, 0]) for name, codes in fields.items()}
    exact = exact_batch_norm(rounded["x"], rounded, 2.0**spec.epsilon)
    found = decode(fmt, model.respond(None, fields)["y"])
    beta = np.abs(rounded["beta"])
    size = np.maximum(np.maximum(np.abs(exact), np.abs(exact - rounded["beta"])), beta)
    counted = np.isfinite(found)
    place = _place(fmt, size[counted])
    return Sample(exact=exact[counted] / place, found=found[counted] / place, unit="ulp")


CHANNEL = ("mean", "variance", "gamma", "beta")
"""Numbers of a channel."""


def _codes(bits: int, operands: RealOperands, *, every: bool) -> Int64s:
    if every:
        return np.arange(1 << bits)
    return operands.rng.integers(0, 1 << bits, operands.count * operands.terms)


def _in_places(fmt: Any, exact: Floats, found: Floats, *, every: bool) -> Sample:
    """Return results counted in units in the last place of the exact ones."""
    place = _place(fmt, exact)
    return Sample(exact=exact / place, found=found / place, unit="ulp", every=every)


def _place(fmt: NumberFormat, values: Floats) -> Floats:
    """Return units in the last place."""
    return np.ldexp(1.0, np.maximum(np.frexp(values)[1] - 1 - fmt.fraction_bits, fmt.lsb))
