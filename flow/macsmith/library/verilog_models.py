"""Verilog models of library cells: what they do, by their Liberty functions, without delays."""

from collections.abc import Iterable
from dataclasses import dataclass

from macsmith.library import boolean
from macsmith.library.cell_library import Cell


def cell_models(cells: Iterable[Cell], *, random_start: bool = False) -> str:
    """Return a Verilog module for each cell.

    A clock gate is a latch and an AND. Assignments on a clock's way are blocking or continuous,
    so that flip-flops behind clock gates see the same values as those before them. Registers
    start undefined, as in silicon, or at random: gates that restructure a function may pass on an
    unknown value on which it does not depend.

    Raises
    ------
    ValueError
        If a cell is not described by functions, or neither gate, flip-flop nor clock gate.
    """
    return "\n".join(_model(cell, random_start) for cell in cells)


def _model(cell: Cell, random_start: bool) -> str:
    ports = [f"input {pin}" for pin in cell.inputs] + [f"output {pin}" for pin in cell.outputs]
    if cell.clock_gate:
        body = _clock_gate(cell)
    else:
        body = (_flip_flop(cell, random_start) if cell.sequential else []) + _outputs(cell)
    lines = "".join(f"  {line}\n" for line in body)
    return f"module {cell.name} ({', '.join(ports)});\n{lines}endmodule\n"


def black_box(cell: str, inputs: Iterable[str], outputs: Iterable[str]) -> str:
    """Return a cell as a module of ports alone, for Yosys."""
    pins = [f"input {pin}" for pin in inputs] + [f"output {pin}" for pin in outputs]
    return f"(* blackbox *) module {cell} ({', '.join(pins)}); endmodule\n"


def _outputs(cell: Cell) -> list[str]:
    return [f"assign {pin} = {expression(cell, cell.pins[pin].function)};" for pin in cell.outputs]


def _clock_gate(cell: Cell) -> list[str]:
    if not (cell.clock_gate or "").startswith("latch_posedge"):
        raise ValueError(f"{cell.name} must gate a rising clock, not be {cell.clock_gate}")
    pins = {pin.role: pin.name for pin in cell.pins.values() if pin.role}
    enable = " | ".join(pins[role] for role in ("enable", "test") if role in pins)
    return [
        "reg held;",
        f"always @* if (!{pins['clock']}) held = {enable};",
        f"assign {pins['out']} = {pins['clock']} & held;",
    ]


def _flip_flop(cell: Cell, random_start: bool) -> list[str]:
    if cell.sequential != "ff" or (cell.clear and cell.preset):
        raise ValueError(f"{cell.name} must be a gate or a flip-flop with set or reset at most")
    state, complement = cell.states
    events, load = "posedge clock", f"{state} <= {expression(cell, cell.next_state)};"
    lines = [f"reg {state};", f"wire {complement} = ~{state};"]
    if random_start:
        lines.append(f"initial {state} = $random;")
    lines.append(f"wire clock = {expression(cell, cell.clocked_on)};")
    if event := cell.clear or cell.preset:
        lines.append(f"wire event_ = {expression(cell, event)};")
        events += " or posedge event_"
        load = f"if (event_) {state} <= 1'b{int(cell.clear is None)}; else {load}"
    return [*lines, f"always @({events}) {load}"]


def expression(cell: Cell, liberty: str | None) -> str:
    """Return a Liberty expression over the cell's pins and states as Verilog."""
    known = {name: _Text(name) for name in (*cell.inputs, *cell.states)}
    if liberty is None or not set(boolean.names(liberty)) <= set(known):
        raise ValueError(f"{cell.name} must have functions of its pins, not {liberty}")
    text: str = boolean.evaluate(liberty, known, _Text("1'b1")).text
    return text


@dataclass(frozen=True)
class _Text:
    """Verilog as `macsmith.library.boolean` takes it."""

    text: str

    def __and__(self, other: "_Text") -> "_Text":
        return _Text(f"({self.text} & {other.text})")

    def __or__(self, other: "_Text") -> "_Text":
        return _Text(f"({self.text} | {other.text})")

    def __xor__(self, other: "_Text") -> "_Text":
        return _Text(f"({self.text} ^ {other.text})")
