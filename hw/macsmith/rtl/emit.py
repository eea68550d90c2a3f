"""RTLIL and Verilog of a component, and of the modules that it instantiates by name."""

import re
from typing import Any

from amaranth.back import rtlil

from macsmith.rtl.leaf_cells import CLOCK_GATE, LEAVES, Adder
from macsmith.rtl.module_notes import Noted, Notes
from macsmith.rtl.shared_module import Emission
from macsmith.rtl_text.lines.clock_gate import clock_gate
from macsmith.rtl_text.verilog_writer import verilog_of

# Amaranth has no latches.
CLOCK_GATE_RTLIL = f"""\
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


def to_rtlil(component: Any, name: str, sources: bool = False) -> str:
    """Return a component as RTLIL with top module ``name``.

    With ``sources`` it says of each cell which line of Python made it.
    """
    text = _modules(component, name, sources=sources)
    return f"{text}\n{CLOCK_GATE_RTLIL}" if _uses(text, CLOCK_GATE) else text


def to_verilog(
    component: Any, name: str, language: str = "verilog", leaves: str = "macsmith"
) -> str:
    """Return a component as Verilog with top module ``name``.

    It depends on nothing but the component: the same specification gives the same bytes everywhere.

    Parameters
    ----------
    language:
        ``verilog``, which is Verilog-2005, or ``systemverilog``.
    leaves:
        What the names of adder cells and of the clock gate begin with.
    """
    notes: Notes = {}
    text = _modules(component, name, notes)
    called = leaf_names(leaves)
    written = verilog_of(text, name, language, notes, called).text
    if _uses(text, CLOCK_GATE):
        return f"{written}\n{clock_gate(called[CLOCK_GATE], language)}"
    return written


def leaf_names(stem: str) -> dict[str, str]:
    """Return what adder cells and the clock gate are called if their names begin with a stem."""
    return {leaf: leaf.replace("macsmith", stem, 1) for leaf in (*LEAVES, CLOCK_GATE)}


def _modules(component: Any, name: str, notes: Notes | None = None, sources: bool = False) -> str:
    """Return a component, its parts and its leaves; a part's module is named after the top.

    A component with a ``platform`` is elaborated for what that offers too, and so are its parts.
    What is said of the modules goes to ``notes`` if it is given.
    """
    platform = Emission(getattr(component, "platform", None))

    def convert(one: Any, named: str) -> str:
        elaborated = one if notes is None else Noted(one, named, notes)
        return rtlil.convert(elaborated, name=named, platform=platform, emit_src=sources)

    text = convert(component, name)
    for part, inner in getattr(component, "parts", {}).items():
        named = f"{name}_{part.removeprefix('macsmith_')}"
        text = re.sub(rf"\b{part}\b", named, text) + "\n" + convert(inner, named)
    leaves = [convert(Adder(LEAVES[leaf]), leaf) for leaf in LEAVES if _uses(text, leaf)]
    return "\n".join([text, *leaves])


def _uses(text: str, module: str) -> bool:
    return re.search(rf"\b{module}\b", text) is not None
