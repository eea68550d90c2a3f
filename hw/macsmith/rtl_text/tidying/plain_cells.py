"""Cells that Verilog has no expression for, as others that it has."""

from macsmith.rtl_text.parsed.modules import Cell, RtlModule, Wire

_RIGHT_SHIFTS = frozenset({"$shr", "$sshr", "$shift"})
_REDUCTIONS = frozenset({"$reduce_and", "$reduce_or", "$reduce_bool", "$reduce_xor"})


def make_plain(module: RtlModule) -> None:
    """Take the low bits of a right shift out of a whole one, and leave out gates of one input."""
    cells: list[Cell] = []
    for cell in module.cells:
        word, output = cell.ports.get("A", ()), cell.ports.get("Y", ())
        if cell.kind in _RIGHT_SHIFTS and len(output) < len(word):
            whole = Wire(f"{output[0][0]}$shifted", len(word))
            module.wires[whole.name] = whole
            module.connects.append((output, whole.bits[: len(output)]))
            cell.ports["Y"] = whole.bits
        if cell.kind in _REDUCTIONS and len(word) == 1:
            module.connects.append((output, word))
        else:
            cells.append(cell)
    module.cells = cells
