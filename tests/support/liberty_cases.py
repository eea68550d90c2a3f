"""A small library of invented figures, and others that differ from it in one odd thing each."""

import re
from pathlib import Path

BASE = Path(__file__).with_name("base.lib").read_text()

ODD = """a b;$(touch x)'"{[é\\"""
"""A folder's name that shells, make, Tcl and Yosys each read otherwise."""

_CELL = r"  cell \((?:{})\) .*?\n  }}\n"
_TIMING = re.search(r"      timing \(\) \{ related_pin : \"CK\"; timing_type : setup.*\n", BASE)
_GATE = re.search(r"  cell \(AND2\).*?\n  \}\n", BASE, re.DOTALL)
assert _TIMING and _GATE


def without(*cells: str) -> str:
    """Return the library without some of its cells."""
    return re.sub(_CELL.format("|".join(cells)), "", BASE, flags=re.DOTALL)


def only(*cells: str) -> str:
    """Return the library with some of its cells alone."""
    every = re.findall(r"  cell \((\w+)\)", BASE)
    return without(*(cell for cell in every if cell not in cells))


def _flip_flop(next_state: str, *pins: str) -> str:
    """Return the library with another next state of its flip-flop, and more inputs for it."""
    more = "".join(
        f"    pin ({pin}) {{ direction : input; capacitance : 0.002;\n{_TIMING[0]}    }}\n"
        for pin in pins
        if _TIMING
    )
    text = BASE.replace('next_state : "D"', f'next_state : "{next_state}"')
    return text.replace("    pin (D) {", f"{more}    pin (D) {{")


def _clock_gate() -> str:
    gate = _GATE[0] if _GATE else ""
    gate = gate.replace("AND2", "ICG").replace(
        "area : 3;", 'area : 8; clock_gating_integrated_cell : "latch_posedge";\n'
        '    latch (IQ, IQN) { enable : "!CK"; data_in : "E"; }',
    )  # fmt: skip
    for old, new in (("(A)", "(CK)"), ('"A"', '"CK"'), ("(B)", "(E)"), ('"B"', '"E"')):
        gate = gate.replace(old, new)
    gate = gate.replace('"A&B"', '"CK & IQ"').replace("(CK) {", "(CK) { clock : true;")
    return BASE.rstrip()[:-1] + gate + "}\n"


WORKING = {
    "base": BASE,
    "bom": "\ufeff" + BASE,
    "comments": BASE.replace("area :", "area /* um2 */ :").replace(") {", ") // cell\n{"),
    "comment in values": BASE.replace('("0.01,0.05,0.3")', '("0.01,0.05," /* ns */ "0.3")'),
    "twice": BASE.rstrip()[:-1] + re.findall(_CELL.format("INV"), BASE, re.DOTALL)[0] + "}\n",
    "minimal": only("INV", "NAND2", "DFF"),
    "no buffer": without("BUF", "BUF4"),
    "scan": _flip_flop("(SE & SI) | (!SE & D)", "SE", "SI"),
    "synchronous reset": _flip_flop("D & RN", "RN"),
    "enable": _flip_flop("(E D) + (E' IQ)", "E"),
    "clock gate without roles": _clock_gate(),
    "empty wire load": BASE.replace(
        "  nom_process", '  default_wire_load : "Zero"; wire_load ("Zero") { slope : 0; }\n  nom_process'
    ),
    "odd names": BASE.replace("(NOR2)", "(74NOR)").replace("(OR2)", '("OR\\"2")'),
    "malformed": BASE.replace('"!(A|B)"', '"!(A|"').replace(
        '"0.0173,0.0346,0.1386",', "", 1
    ),
}  # fmt: skip
"""Libraries that units can be measured on."""
