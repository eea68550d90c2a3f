"""A cell library so small that energies can be worked out by hand."""

from pathlib import Path

from macsmith.library.resolve import resolve
from macsmith.library.technology import Conditions, Technology

VOLTS = 2.0
RISE_FF, FALL_FF = 3.0, 1.0
"""Of every input."""


def _pin(name: str, direction: str, *contents: str) -> str:
    capacitances = f"rise_capacitance : {RISE_FF}; fall_capacitance : {FALL_FF};"
    head = f"direction : {direction};" + (capacitances if direction == "input" else "")
    return f"pin ({name}) {{ {head} {' '.join(contents)} }}"


def _arc(related: str, sense: str = "non_unate", kind: str = "combinational") -> str:
    times = " ".join(
        f'{table} (scalar) {{ values ("{1 if table.startswith("cell") else 0}"); }}'
        for table in ("cell_rise", "cell_fall", "rise_transition", "fall_transition")
    )
    return (
        f"timing () {{ related_pin : {related}; timing_sense : {sense}; timing_type : {kind};"
        f" {times} }}"
    )


def _setup(related: str) -> str:
    tables = " ".join(
        f'{edge}_constraint (scalar) {{ values ("0"); }}' for edge in ("rise", "fall")
    )
    return f"timing () {{ related_pin : {related}; timing_type : setup_rising; {tables} }}"


def _power(rise: float, fall: float, **attributes: str) -> str:
    """Return a group; ``related``, ``when`` and ``rail`` are its attributes."""
    names = {"related": "related_pin", "when": "when", "rail": "related_pg_pin"}
    said = " ".join(f'{names[key]} : "{value}";' for key, value in attributes.items())
    return (
        f'internal_power () {{ {said} rise_power (scalar) {{ values ("{rise}"); }}'
        f' fall_power (scalar) {{ values ("{fall}"); }} }}'
    )


def _cell(name: str, *contents: str) -> str:
    rails = "pg_pin (VDD) { pg_type : primary_power; } pg_pin (VSS) { pg_type : primary_ground; }"
    return f"cell ({name}) {{ area : 1; {rails} {' '.join(contents)} }}"


def _leakage(when: str, nw: float) -> str:
    said = f'when : "{when}"; ' if when else ""
    return f"leakage_power () {{ {said}value : {nw}; }}"


_CELLS = (
    _cell(
        "INV",
        "cell_leakage_power : 7;",
        _leakage("A", 2),
        _pin("A", "input"),
        _pin(
            "Y", "output", 'function : "!A";', _arc("A", "negative_unate"),
            _power(3, 5, related="A", rail="VDD"), _power(4, 4, related="A", rail="VSS"),
        ),
    ),
    _cell(
        "BUF",
        _pin("A", "input"),
        _pin("Y", "output", 'function : "A";', _arc("A", "positive_unate")),
    ),
    _cell(
        "NAND2",
        "cell_leakage_power : 4;",
        _leakage("A & B", 6),
        _leakage("!A & !B", 10),
        _pin("A", "input", _power(1, 1, when="!B")),
        _pin("B", "input"),
        _pin(
            "Y", "output", 'function : "!(A B)";',
            _arc("A", "negative_unate"), _arc("B", "negative_unate"),
            _power(10, 20, related="A"), _power(30, 50, related="B"),
        ),
    ),
    _cell(
        "XOR2",
        _leakage("A & B & !Y", 8),
        _leakage("", 2),
        _pin("A", "input"),
        _pin("B", "input"),
        _pin(
            "Y", "output", 'function : "A ^ B";', _arc("A"), _arc("B"),
            _power(10, 20, related="A", when="!B"), _power(40, 60, related="A", when="B"),
            _power(70, 90, related="B"),
        ),
    ),
    _cell(
        "DFF",
        'ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; }',
        _pin("D", "input", _setup("CK"), _power(8, 8, when="Q & !QN"), _power(2, 2)),
        _pin("CK", "input", "clock : true;",
             _power(6, 10, when="!Q & QN"), _power(12, 20, when="Q & !QN")),
        _pin("Q", "output", 'function : "IQ";', _arc("CK", kind="rising_edge"),
             _power(13, 17, related="CK")),
        _pin("QN", "output", 'function : "IQN";', _arc("CK", kind="rising_edge"),
             _power(1, 3, related="CK")),
    ),
    _cell(
        "ICG",
        "clock_gating_integrated_cell : latch_posedge;",
        'statetable ("CK E", "IQ") { table : "L H : - : H, L L : - : L, H - : - : N"; }',
        _pin("IQ", "internal", "internal_node : IQ;"),
        _pin("E", "input", "clock_gate_enable_pin : true;", _setup("CK")),
        _pin("CK", "input", "clock_gate_clock_pin : true; clock : true;",
             _power(2, 4, when="!E & !GCK"), _power(0, 100, when="E & !GCK")),
        _pin("GCK", "output", 'clock_gate_out_pin : true; state_function : "(CK & IQ)";',
             _arc("CK", "positive_unate"),
             _power(30, 10, related="CK", when="E"), _power(0, 8, related="CK", when="!E")),
    ),
)  # fmt: skip


def hand_library(folder: Path) -> Technology:
    """Return the library, written into a folder: no wires, and tables of one number, in fJ."""
    units = "time_unit : 1ns; voltage_unit : 1V; leakage_power_unit : 1nW;"
    path = folder / "hand.lib"
    path.write_text(
        f"library (hand) {{ {units} capacitive_load_unit (1, ff); nom_voltage : {VOLTS};"
        f" {' '.join(_CELLS)} }}"
    )
    return resolve(str(path), Conditions(wires="none"))
