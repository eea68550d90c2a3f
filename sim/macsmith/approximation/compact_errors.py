"""Errors of dot products in compact number formats, their quantisers' included.

Each function takes a specification, its golden model and real operands, and gives the unit's sums
beside those of the operands before they were quantised.
"""

from math import ceil, log2
from typing import Any

import numpy as np

from macsmith.approximation.error_statistics import Sample
from macsmith.approximation.real_operands import RealOperands, dots, in_beats, whole_numbers
from macsmith.contract.errors import UserError
from macsmith.formats.compact.biscaled_codes import Biscaled
from macsmith.formats.compact.codebook import shared
from macsmith.formats.compact.few_values import binary, bytes_of, ternary, two_bit_codes
from macsmith.formats.compact.log_codes import Logarithm
from macsmith.formats.compact.real_values import Floats
from macsmith.host.int64s import Int64s


def _of_packets(spec: Any, model: Any, fields: dict[str, Int64s], name: str = "sum") -> Int64s:
    """Return a result of packets of the fields, shapes (count, terms), in whole beats."""
    beats = {name: in_beats(one, spec.products) for name, one in fields.items()}
    found: Int64s = model.respond(spec.points[0], beats)[name]
    return found.reshape(len(found))


def _refused(parameter: str, value: object, instead: str) -> UserError:
    return UserError(
        f"{parameter} must be {instead} to tell errors, not {value}; sums of both are the same"
    )


def with_compensation(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return sums of fixed point with error compensation; the largest operands fill its range."""
    if spec.compensation == "selective":
        raise _refused("compensation", spec.compensation, "cycle or end")
    found, reals = {}, []
    drawn = operands.drawn(spec.products, act_signed=spec.act_signed)
    for name, form, values in zip("aw", (model.act, model.weight), drawn, strict=True):
        sizes = values if form.signed else np.abs(values)
        scaled = sizes * (2**form.integer_bits / np.abs(values).max())
        parts = form.quantised(scaled)
        found[name] = form.codes(parts) if spec.compensates else parts.number
        reals.append(scaled)
    sums = _of_packets(spec, model, found)
    return Sample(exact=dots(*reals), found=np.ldexp(sums.astype(float), -spec.sum_fraction_bits))


def with_two_scales(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return sums of fixed point with two scales; wide elements reach the largest operand."""
    if spec.listed:
        raise _refused("marks", spec.marks, "mask")
    drawn, reals = operands.drawn(spec.products, act_signed=spec.act_signed), []
    fields, unit = {}, 0
    sides = (
        ("a", spec.act_bits, spec.act_step, spec.act_signed),
        ("w", spec.weight_bits, spec.weight_step, spec.weight_signed),
    )
    for (name, bits, step, signed), values in zip(sides, drawn, strict=True):
        sizes = values if signed else np.abs(values)
        reals.append(sizes)
        top = ceil(log2(sizes.max()))
        form = Biscaled(bits=bits, integer_bits=top - step, step=step, signed=signed)
        fields[name], wide = form.quantised(sizes)
        if step:
            fields[f"wide_{name}"] = wide.astype(np.int64)
        unit -= form.fraction_bits
    sums = _of_packets(spec, model, fields)
    return Sample(exact=dots(*reals), found=np.ldexp(sums.astype(float), unit))


def of_powers(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return sums of powers of two, or of its root, whose greatest is near the largest operand."""
    acts, weights = operands.drawn(spec.products, act_signed=spec.act_signed)
    form = Logarithm.fitted(weights, spec.weight_exponent_bits, spec.halves)
    least, unit = form.least, 1.0
    if spec.logs == "both":
        other = Logarithm.fitted(acts, spec.act_exponent_bits, spec.halves, spec.act_signed)
        numbers, least = other.codes(acts), least + other.least
    else:
        numbers, unit = whole_numbers(acts, spec.act_bits, signed=spec.act_signed)
    fields = {"a": numbers, "w": form.codes(weights)}
    if spec.halves and not spec.root_bits:
        even, odd = (_of_packets(spec, model, fields, name) for name in ("even", "odd"))
        sums: Floats = even + odd * np.sqrt(2)
    else:
        root = spec.root_bits if spec.halves else 0
        sums = np.ldexp(_of_packets(spec, model, fields).astype(float), -root)
    scale = unit * 2.0 ** (least / (1 + spec.halves))
    return Sample(exact=dots(acts, weights), found=sums * scale)


def of_signs(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return sums of binary weights, their scale the mean magnitude."""
    if spec.output != "sum" or spec.weights != "bipolar":
        raise UserError(
            "output must be sum and weights bipolar to tell errors, not "
            f"{spec.output} and {spec.weights}"
        )
    signed = spec.acts == "bipolar" or spec.act_signed
    acts, weights = operands.drawn(spec.products, act_signed=signed)
    bits, scale = binary(weights)
    numbers, unit = (
        binary(acts)
        if spec.acts == "bipolar"
        else whole_numbers(acts, spec.act_bits, signed=signed)
    )
    fields = {"a": numbers, "w": bits}
    beats = acts.size // len(acts) // spec.products
    sides = {
        "count": {"used": np.full((len(acts), beats, 1), spec.products)},
        "mask": {"mask": in_beats(np.ones_like(bits), spec.products)},
    }
    packed = {name: in_beats(one, spec.products) for name, one in fields.items()}
    sums = model.respond(spec.points[0], packed | sides.get(spec.tail, {}))["sum"]
    return Sample(exact=dots(acts, weights), found=sums.reshape(-1) * (scale * unit))


def of_trits(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return sums of weights -1, 0 and 1, their scale the mean of what is kept."""
    if spec.scales == "two":
        raise UserError("scales must be one or two-sums to tell errors, not two")
    signed = spec.acts == "trits" or spec.act_signed
    acts, weights = operands.drawn(spec.products, act_signed=signed)
    kept, scale = ternary(weights)
    encode = two_bit_codes if spec.packing == "two-bit" else bytes_of
    if spec.acts == "trits":
        some, unit = ternary(acts)
        numbers = encode(some)
    else:
        numbers, unit = whole_numbers(acts, spec.act_bits, signed=signed)
    beats = acts.shape[1] // spec.products
    fields = {
        name: one.reshape(len(one), beats, -1)
        for name, one in (("a", numbers), ("w", encode(kept)))
    }
    found = model.respond(spec.points[0], fields)
    sums = found["sum"] if "sum" in found else found["positive"] - found["negative"]
    return Sample(exact=dots(acts, weights), found=sums.reshape(-1) * (scale * unit))


def of_shared_weights(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return sums of weights that share the entries of a codebook, by k-means."""
    acts, weights = operands.drawn(spec.products, act_signed=spec.act_signed)
    centres, index = shared(weights, spec.entries)
    value = spec.operands["value"]
    book, of_weight = whole_numbers(centres, value.bits, signed=value.signed)
    numbers, of_act = whole_numbers(acts, spec.act_bits, signed=spec.act_signed)
    count, beats, entries = len(acts), acts.shape[1] // spec.products, len(book)
    first = spec.order == "look-up"

    def beside(products: Int64s, loads: Int64s) -> Int64s:
        """Return the beats of products and those of entries, which come first or last."""
        loads = np.broadcast_to(loads, (count, *loads.shape))
        return np.concatenate([loads, products] if first else [products, loads], axis=1)

    nothing = np.zeros((count, beats, 1), np.int64)
    idle = np.zeros((entries, spec.products), np.int64)
    fields = {
        "a": beside(in_beats(numbers, spec.products), idle),
        "index": beside(in_beats(index, spec.products), idle),
        "entry": beside(nothing, np.ones((entries, 1), np.int64)),
        "place": beside(nothing, np.arange(entries)[:, np.newaxis]),
        "value": beside(nothing, book[:, np.newaxis]),
    }
    sums = model.respond(spec.points[0], fields)["sum"]
    return Sample(exact=dots(acts, weights), found=sums.reshape(-1) * (of_weight * of_act))


def of_crossbar(spec: Any, model: Any, operands: RealOperands) -> Sample:
    """Return sums of a crossbar, each column one, that takes as many rows of terms at a time."""
    rows, columns = spec.products, spec.columns
    acts, weights = operands.drawn(rows, act_signed=spec.act_signed)
    groups = -(-len(acts) // columns)
    acts = acts[:groups]
    weights = weights[np.arange(groups * columns) % len(weights)].reshape(groups, columns, -1)
    numbers, of_act = whole_numbers(acts, spec.act_bits, signed=spec.act_signed)
    cells, of_weight = whole_numbers(weights, spec.weight_bits, signed=True)
    packets = numbers.size // rows
    planes = numbers.reshape(packets, 1, rows) >> np.arange(spec.act_bits)[:, np.newaxis] & 1
    loads = cells.reshape(groups, columns, -1, rows).transpose(0, 2, 3, 1)
    row = np.arange(rows)[:, np.newaxis]
    order = np.arange(rows + spec.act_bits)[:, np.newaxis]
    fields = {
        "bits": np.concatenate([np.zeros((packets, rows, rows), np.int64), planes], axis=1),
        "w": np.pad(loads.reshape(packets, rows, columns), ((0, 0), (0, spec.act_bits), (0, 0))),
        "load": np.broadcast_to((order < rows).astype(np.int64), (packets, *order.shape)),
        "row": np.broadcast_to(np.pad(row, ((0, spec.act_bits), (0, 0))), (packets, *order.shape)),
    }
    sums = model.respond(spec.points[0], fields)["sum"].reshape(groups, -1, columns).sum(axis=1)
    exact = np.einsum("gt,gct->gc", acts, weights)
    return Sample(exact=exact.reshape(-1), found=sums.reshape(-1) * (of_weight * of_act))
