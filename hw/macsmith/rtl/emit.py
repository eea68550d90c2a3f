"""RTLIL and Verilog of a component, and of the modules that it instantiates by name."""

import os
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from amaranth.back import rtlil, verilog

from macsmith.rtl.leaf_cells import CLOCK_GATE, LEAVES, Adder
from macsmith.rtl.shared_module import Emission

# Amaranth has no latches.
_CLOCK_GATE_RTLIL = f"""\
module \\{CLOCK_GATE}
  wire input 1 \\clk
  wire input 2 \\en
  wire output 3 \\gclk
  wire \\held
  cell $dlatch \\hold
    parameter \\WIDTH 1
    parameter \\EN_POLARITY 1'0
    connect \\EN \\clk
    connect \\D \\en
    connect \\Q \\held
  end
  cell $and \\pass
    parameter \\A_SIGNED 0
    parameter \\A_WIDTH 1
    parameter \\B_SIGNED 0
    parameter \\B_WIDTH 1
    parameter \\Y_WIDTH 1
    connect \\A \\clk
    connect \\B \\held
    connect \\Y \\gclk
  end
end
"""

_CLOCK_GATE_VERILOG = f"""\
/* A clock gate: put your library's cell in its place. */
module {CLOCK_GATE}(clk, en, gclk);
  input clk, en;
  output gclk;
  reg held;
  /* verilator lint_off LATCH */
  always @(clk or en)
    if (!clk) held = en;
  /* verilator lint_on LATCH */
  assign gclk = clk & held;
endmodule
"""


def to_rtlil(component: Any, name: str, sources: bool = False) -> str:
    """Return a component as RTLIL with top module ``name``.

    With ``sources`` it says of each cell which line of Python made it.
    """
    return _written(component, name, partial(_rtlil, sources=sources), _CLOCK_GATE_RTLIL)


def to_verilog(component: Any, name: str) -> str:
    """Return a component as Verilog with top module ``name``.

    It is written by the Yosys that comes with Amaranth, never by one found on the machine, so
    that the same specification gives the same bytes everywhere.
    """
    os.environ["AMARANTH_USE_YOSYS"] = "builtin"
    return _written(component, name, _verilog, _CLOCK_GATE_VERILOG)


def _written(component: Any, name: str, convert: Callable[..., str], clock_gate: str) -> str:
    """Return a component, its parts and its leaves; a part's module is named after the top.

    A component with a ``platform`` is elaborated for what that offers too, and so are its parts.
    """
    convert = partial(convert, platform=Emission(getattr(component, "platform", None)))
    text = convert(component, name)
    for part, inner in getattr(component, "parts", {}).items():
        named = f"{name}_{part.removeprefix('macsmith_')}"
        text = re.sub(rf"\b{part}\b", named, text) + "\n" + convert(inner, named)
    leaves = [convert(Adder(LEAVES[leaf]), leaf) for leaf in LEAVES if _uses(text, leaf)]
    gates = [clock_gate] if _uses(text, CLOCK_GATE) else []
    return "\n".join([text, *leaves, *gates])


def _rtlil(component: Any, name: str, platform: Emission, sources: bool) -> str:
    return rtlil.convert(component, name=name, platform=platform, emit_src=sources)


def _verilog(component: Any, name: str, platform: Emission) -> str:
    return verilog.convert(
        component, name=name, platform=platform, emit_src=False, strip_internal_attrs=True
    )


def _uses(text: str, module: str) -> bool:
    return re.search(rf"\b{module}\b", text) is not None
