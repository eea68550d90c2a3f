"""What can be written as Verilog; the rest is refused in a sentence rather than written wrongly."""

from collections.abc import Iterator, Mapping

from macsmith.contract.errors import UserError
from macsmith.rtl_text.parsed.modules import (
    CLOCKED,
    ONE,
    READ_PORT,
    WRITE_PORT,
    Cell,
    RtlModule,
)
from macsmith.rtl_text.words.identifiers import is_identifier
from macsmith.rtl_text.words.operators import OPERATORS, WITHOUT_SIGN


def check_writable(modules: Mapping[str, RtlModule], top: str) -> None:
    """Raise unless Verilog is written of all cells, and takes the names of the top's ports.

    Raises
    ------
    UserError
        For the first port or cell of which this is not so.
    """
    for port in modules[top].ports:
        if not is_identifier(port.name):
            raise UserError(
                f"ports must have names that Verilog takes, not {port.name!r}, in module {top}; "
                f"{port.name}_{'in' if port.direction == 'input' else 'out'} would do"
            )
    for module in modules.values():
        for cell in module.cells:
            for rule, fault in _faults(cell):
                raise UserError(
                    f"{rule} to be written as Verilog, not {fault}, in module {module.name}; "
                    "Amaranth's verilog.convert writes others"
                )


def _faults(cell: Cell) -> Iterator[tuple[str, str]]:
    """Yield the rules that a cell breaks, and what it is."""
    kind, flag = cell.kind, cell.flag
    if not cell.is_instance and kind not in OPERATORS | CLOCKED:
        yield "cells must be registers, memories and operators", kind
    if kind in WITHOUT_SIGN and (flag("B_SIGNED") or (flag("A_SIGNED") and kind != "$shift")):
        yield "divisors and places must have no sign", f"{kind} with one"
    if kind == "$adff" and not flag("ARST_POLARITY"):
        yield "asynchronous resets must be active high", "active low"
    if kind in (READ_PORT, WRITE_PORT) and not (flag("CLK_ENABLE") and flag("CLK_POLARITY")):
        yield "memories must be read and written at rising edges", "otherwise"
    if kind == READ_PORT and flag("TRANSPARENCY_MASK"):
        yield "a word that is read while it is written must be the older one", "the newer one"
    if kind == "$meminit_v2" and ONE in cell.ports["DATA"]:
        yield "memories must begin with anything, or with zeros", "with given words"
