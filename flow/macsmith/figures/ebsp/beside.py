"""Columns of the tables of docs/ebsp.md that set designs beside one of them."""

from collections.abc import Iterable, Sequence

from macsmith.figures.docs_page import Records, Row
from macsmith.figures.markdown import table


def beside_first(records: Records) -> str:
    """Return multipliers beside the first of them."""
    base = records[0]
    rows = [
        [one["label"], _netlist(one), f"{one['area_um2']:.1f}",
         f"{one['area_um2'] / base['area_um2']:.2f}", f"{one['period_ns']:.2f}",
         *energies(one, base)]
        for one in records
    ]  # fmt: skip
    head = ["multiplier", "netlist", "um2", "ratio", "ns", *heads(base["pj"])]
    return table(head, rows, 2)


def energies(one: Row, base: Row) -> list[str]:
    """Return energies by operands, each with its ratio to another's."""
    return [
        cell
        for name, pj in one["pj"].items()
        for cell in (f"{pj:.3f}", f"{pj / base['pj'][name]:.2f}")
    ]


def heads(names: Iterable[str]) -> list[str]:
    """Return the headings of `energies`."""
    return [cell for name in names for cell in (f"pJ {name}", "ratio")]


def parts(records: Records, operands: Sequence[str]) -> str:
    """Return what energies of multipliers, which have no clock, are spent on."""
    names = ("logic", "glitches", "inputs", "leakage")
    rows = [
        [one["label"], kind, *(f"{one['parts'][kind][name]:.3f}" for name in names)]
        for kind in operands
        for one in records
    ]
    return table(["multiplier", "operands", *(f"pJ {name}" for name in names)], rows, 2)


def _netlist(one: Row) -> str:
    parameters = one["parameters"]
    cells = ", cells" if one["adders"] == "cells" else ""
    return f"{one['recipe']}, {parameters['adder']}, {parameters['compressor']}{cells}"
