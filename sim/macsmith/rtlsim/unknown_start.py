"""Verilog whose registers start undefined, as those of a chip do.

Our Verilog gives no register an initial value. What Yosys writes, of RTL with faults, does, so a
register that lacks a reset would start right in every simulation. Verilator knows two states alone;
Icarus simulates without such values.
"""

import re

IS_UNKNOWN = "bits of it are unknown"
"""What benches say where a port that must be known is not."""

# As Yosys writes them: numbers with a width. A bare 0 is a trigger of its own for ``always @*``.
_REGISTER = re.compile(r"^(\s*reg [^=;\n]*?)\s*= \d+'[bdh][0-9a-fA-F]+;", re.MULTILINE)
_MEMORY = re.compile(r"^\s*initial begin\n(?:\s*\S+\[\d+\] = \d+'[bdh][0-9a-fA-F]+;\n)*\s*end\n",
                     re.MULTILINE)  # fmt: skip


def with_unknown_start(verilog: str) -> str:
    """Return Verilog without the initial values of its registers and memories."""
    return _MEMORY.sub("", _REGISTER.sub(r"\1 ;", verilog))
