"""RTLIL and Verilog of a component, the adder cells that it instantiates included."""

import os
import re
from typing import Any

from amaranth.back import rtlil, verilog

from macsmith.arith.cells import LEAVES


def to_rtlil(component: Any, name: str) -> str:
    """Return a component as RTLIL with top module ``name``."""
    text = rtlil.convert(component, name=name, emit_src=False)
    leaves = [rtlil.convert(LEAVES[leaf](), name=leaf, emit_src=False) for leaf in _used(text)]
    return "\n".join([text, *leaves])


def to_verilog(component: Any, name: str) -> str:
    """Return a component as Verilog with top module ``name``.

    It is written by the Yosys that comes with Amaranth, never by one found on the machine, so
    that the same specification gives the same bytes everywhere.
    """
    os.environ["AMARANTH_USE_YOSYS"] = "builtin"
    text = _verilog(component, name)
    return "\n".join([text, *(_verilog(LEAVES[leaf](), leaf) for leaf in _used(text))])


def _verilog(component: Any, name: str) -> str:
    return verilog.convert(component, name=name, emit_src=False, strip_internal_attrs=True)


def _used(text: str) -> list[str]:
    return [leaf for leaf in LEAVES if re.search(rf"\b{leaf}\b", text)]
