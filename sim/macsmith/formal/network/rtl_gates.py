"""Gates of a design in RTLIL, and of words that are written with plain operators."""

import re
from collections.abc import Iterable, Mapping

from amaranth import Module, Signal, Value
from amaranth.back import rtlil

from macsmith.host.plain_folder import plain_folder
from macsmith.netlist.gate_netlist import GateNetlist, read_netlist
from macsmith.rtl.leaf_cells import CLOCK_GATE


def gates_of(text: str, top: str) -> GateNetlist:
    """Return the gates of a design in RTLIL; a clock gate is one that pulses while it is enabled.

    What a library's cell must do, a latch and an AND in the emitted module, is taken for granted.
    """
    text = re.sub(_CLOCK_GATE, _without_body, text, flags=re.DOTALL | re.MULTILINE)
    with plain_folder() as folder:
        return read_netlist(text, top, folder)


_CLOCK_GATE = rf"^module \\{CLOCK_GATE}\n.*?^end$"


def _without_body(module: re.Match[str]) -> str:
    ports = [line for line in module[0].splitlines() if re.match(r"  wire (in|out)put", line)]
    return "\n".join(["attribute \\blackbox 1", f"module \\{CLOCK_GATE}", *ports, "end"])


def operators(
    inputs: Mapping[str, Signal],
    outputs: Mapping[str, Value],
    between: Iterable[tuple[Signal, Value]] = (),
) -> GateNetlist:
    """Return gates of words that are written with plain operators, in a module of their own.

    Parameters
    ----------
    between:
        Words that others are written with, and what they are.
    """
    m = Module()
    for word, value in between:
        m.d.comb += word.eq(value)
    ports = list(inputs.values())
    for name, value in outputs.items():
        port = Signal(value.shape(), name=name)
        m.d.comb += port.eq(value)
        ports.append(port)
    return gates_of(rtlil.convert(m, name="operators", ports=ports, emit_src=False), "operators")
