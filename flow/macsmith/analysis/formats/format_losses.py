"""What number formats lose in dot products: operands rounded to a unit's format, its own sums.

Sums of 64 products of Laplace numbers, activations cut at zero where they have no sign, as
`macsmith errors` draws them; errors are root mean squares, over those of exact sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from macsmith.approximation.error_statistics import Sample, statistics, with_rounding
from macsmith.approximation.real_operands import RealOperands, dots, whole_numbers
from macsmith.catalog.catalog import lookup, units
from macsmith.contract.errors import UserError
from macsmith.golden.catalog import golden
from macsmith.records.energies import energy
from macsmith.records.record import Record

OPERANDS = RealOperands(kind="laplace", terms=64, count=400)

Row = dict[str, Any]


def errors_of_formats(records: Sequence[Record]) -> list[Row]:
    """Return records with an energy and the error of their format, if two formats have one.

    And if one of them is the format of a unit that rounds: whole numbers alone are no comparison.
    """
    found: list[Row] = []
    for record in records:
        pj = energy(record)
        error = None if pj is None else error_of_record(record)
        if error is not None:
            keys = ("unit", "point", "tech", "boundary", "recipe", "adders", "stimulus")
            found.append({**{key: record[key] for key in keys},  # type: ignore[literal-required]
                          "format": _label(record), "spent": pj, "error": error})  # fmt: skip
    rounding = any(lookup(_name(one["unit"])).errors for one in found)
    return found if rounding and len({one["format"] for one in found}) > 1 else []


def error_of_record(record: Record) -> float | None:
    """Return the error of a record's format; None where that is not known."""
    name, parameters = _name(record["unit"]), record["parameters"]
    if name not in units():
        return None
    if lookup(name).errors:
        first = str(lookup(name).spec.of_parameters(_plain(parameters)).points[0])
        return error_of_unit(name, parameters) if record["point"] in (None, first) else None
    if record["mode"] is None or not {"act_signed", "weight_signed"} <= parameters.keys():
        return None
    # Codes of patterns round in a way of their own.
    if "pattern" in parameters or "cols" in parameters:
        return None
    act, weight = map(int, record["mode"].split("x"))
    return error_of_whole_numbers(
        act, weight, parameters["act_signed"], parameters["weight_signed"]
    )


def error_of_unit(name: str, parameters: Mapping[str, Any]) -> float | None:
    """Return the error of a unit that approximates; None where it is that of another design."""
    return _error(name, tuple(sorted(_plain(parameters).items())))


@cache
def _error(name: str, parameters: tuple[tuple[str, Any], ...]) -> float | None:
    spec = lookup(name).spec.of_parameters(dict(parameters))
    try:
        sample: Sample = lookup(name).load("errors")(spec, golden(name, spec), replace(OPERANDS))
    except UserError:
        return None
    return with_rounding(sample)


@cache
def error_of_whole_numbers(
    act_bits: int, weight_bits: int, act_signed: bool, weight_signed: bool
) -> float | None:
    """Return the error of exact products of whole numbers that a scale a tensor fits."""
    acts, weights = replace(OPERANDS).drawn(1, act_signed=act_signed)
    rounded = [
        numbers.astype(np.float64) * unit
        for numbers, unit in (
            whole_numbers(acts, act_bits, signed=act_signed),
            whole_numbers(weights, weight_bits, signed=weight_signed),
        )
    ]
    found = dots(rounded[0], rounded[1])
    return statistics(Sample(exact=dots(acts, weights), found=found)).relative


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters of a record as a specification takes them."""
    return {key: tuple(one) if isinstance(one, list) else one for key, one in parameters.items()}


def _name(unit: str) -> str:
    """Return the unit's name in the catalogue; on pages of sweeps what varies stands behind it."""
    return unit.split(" ")[0]


def _label(record: Record) -> str:
    point = record["point"]
    return record["unit"] if point in (None, "always") else f"{record['unit']} {point}"
