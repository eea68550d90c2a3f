"""The languages that a module can be written in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """What the languages differ in.

    Members
    -------
    net, variable
        What declares what is assigned continuously, and what at a clock edge.
    at_edge
        What begins a block of registers.
    assigns_at_declaration
        Whether a declaration can hold a continuous assignment.
    words
        What declares the words of a memory, after its name.
    """

    net: str
    variable: str
    at_edge: str
    assigns_at_declaration: bool
    words: str


# Verible would have the range of SystemVerilog, which Verilog-2005 has not.
_FROM_ZERO = "[0:{last}]; // verilog_lint: waive unpacked-dimensions-range-ordering"

DIALECTS = {
    "verilog": Dialect("wire", "reg", "always", True, _FROM_ZERO),
    "systemverilog": Dialect("logic", "logic", "always_ff", False, "[{depth}];"),
}
"""The languages by the names that users give: Verilog-2005 and SystemVerilog-2012."""
