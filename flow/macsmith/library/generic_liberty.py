"""The embedded generic library as a Liberty file."""

from collections.abc import Iterator, Sequence

from macsmith.library.generic_cells import Generic, Inner, Output, library_cells

NAME = "macsmith_generic"

C0V2_PER_PJ = 1e3
"""How many C0 V^2 are what the file calls a pJ: it writes C0 as 1 fF and V as 1 V."""

# Two points would do for a plane, but ABC reads a typical slew and load off the middle of a table.
_POINTS = (0, 1, 2, 4, 8, 16, 32)
_AXIS = '"' + ", ".join(map(str, _POINTS)) + '"'

_HEADER = f"""\
/* {NAME}: an idealised CMOS library by logical effort, written by macsmith.

   Time: 1 "ns" here is one tau. Capacitance: 1 "fF" here is one input of the unit inverter.
   Area: NAND2 equivalents, four transistors (fingers of unit drive) each.

   Delay is C / x + p, no matter the slew; the output transition is the last stage's delay.
   Logical effort and parasitic delay are the textbook values: Sutherland, Sproull, Harris, Logical
   Effort (1999), tables 1.1 and 1.2 and chapter 4; Weste, Harris, CMOS VLSI Design (4th ed.),
   chapter 4. How cells of several stages follow from them is in macsmith/library/generic_cells.py.

   Energy: 1 "fJ" here is C0 V^2, C0 the input of the unit inverter; nom_voltage is 1 so that it is.
   A transition takes half the capacitance of its net by capacitance, and internal_power has half of
   what moves inside the cell: parasitic capacitances p x and inner inputs. All of it is modelled;
   short circuits and leakage are left out.

   No process and no wires are in it: compare designs with it, never silicon. */
library ({NAME}) {{
  delay_model : table_lookup;
  time_unit : "1ns";
  capacitive_load_unit (1, ff);
  voltage_unit : "1V";
  current_unit : "1mA";
  pulling_resistance_unit : "1kohm";
  leakage_power_unit : "1nW";
  nom_voltage : 1.0;
  nom_temperature : 25.0;
  nom_process : 1.0;
  slew_lower_threshold_pct_rise : 20;
  slew_lower_threshold_pct_fall : 20;
  slew_upper_threshold_pct_rise : 80;
  slew_upper_threshold_pct_fall : 80;
  input_threshold_pct_rise : 50;
  input_threshold_pct_fall : 50;
  output_threshold_pct_rise : 50;
  output_threshold_pct_fall : 50;
  lu_table_template (linear) {{
    variable_1 : input_net_transition;
    variable_2 : total_output_net_capacitance;
    index_1 ({_AXIS});
    index_2 ({_AXIS});
  }}
  lu_table_template (constant) {{
    variable_1 : related_pin_transition;
    variable_2 : constrained_pin_transition;
    index_1 ({_AXIS});
    index_2 ({_AXIS});
  }}
"""


def render() -> str:
    """Return the text of the Liberty file."""
    lines = [line for cell in library_cells() for line in _cell(cell)]
    return _HEADER + "\n".join(f"  {line}" for line in lines) + "\n}\n"


def _cell(cell: Generic) -> Iterator[str]:
    yield f"cell ({cell.name}) {{"
    yield f"  area : {cell.area:g};"
    gate = cell.clock is not None and "GCK" in cell.outputs
    if gate:
        yield "  clock_gating_integrated_cell : latch_posedge;"
        yield '  latch (IQ, IQN) { enable : "!CK"; data_in : "E"; }'
    elif cell.clock:
        yield '  ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; }'
    for name, load in cell.inputs.items():
        yield f"  pin ({name}) {{"
        yield "    direction : input;"
        yield f"    capacitance : {load:.6f};"
        if name == cell.clock:
            yield "    clock : true;"
        if gate:
            yield f"    clock_gate_{'clock' if name == cell.clock else 'enable'}_pin : true;"
        if name in cell.setup:
            yield from _constraint("setup_rising", cell.setup[name])
            yield from _constraint("hold_rising", 0)
        for inner in cell.inner:
            if inner.pin == name:
                yield from _input_power(inner)
        yield "  }"
    for name, output in cell.outputs.items():
        yield f"  pin ({name}) {{"
        yield "    direction : output;"
        yield f'    function : "{output.function}";'
        if gate:
            yield "    clock_gate_out_pin : true;"
        for related, delay in output.delays.items():
            kind = "rising_edge" if cell.clock and not gate else "combinational"
            yield from _arc(output, related, delay, kind)
        causes = " ".join(output.delays)
        yield f'    internal_power () {{ related_pin : "{causes}";'
        yield from _energies(output.inner, output.inner)
        yield "    }"
        yield "  }"
    yield "}"


def _constraint(kind: str, tau: float) -> Iterator[str]:
    yield f"    timing () {{ related_pin : CK; timing_type : {kind};"
    for edge in ("rise", "fall"):
        yield f"      {edge}_constraint (constant) {{ {_values([tau] * len(_POINTS))} }}"
    yield "    }"


def _arc(output: Output, related: str, delay: float, kind: str) -> Iterator[str]:
    yield f"    timing () {{ related_pin : {related}; timing_type : {kind};"
    yield f"      timing_sense : {output.sense or 'non_unate'};"
    ends = {"cell_{}": delay, "{}_transition": output.last_parasitic}
    for table, unloaded in ends.items():
        values = _values([unloaded + load / output.drive for load in _POINTS])
        for edge in ("rise", "fall"):
            yield f"      {table.format(edge)} (linear) {{ {values} }}"
    yield "    }"


def _input_power(inner: Inner) -> Iterator[str]:
    yield "    internal_power () {" + (f' when : "{inner.when}";' if inner.when else "")
    yield from _energies(inner.rise, inner.fall)
    yield "    }"


def _energies(rise: float, fall: float) -> Iterator[str]:
    """Yield the energies of a rising and a falling edge: half of the capacitance that it moves."""
    for edge, moved in (("rise", rise), ("fall", fall)):
        yield f'      {edge}_power (scalar) {{ values ("{moved / 2:.6f}"); }}'


def _values(row: Sequence[float]) -> str:
    """Return a table whose rows, one a slew, are all ``row``."""
    text = '"' + ", ".join(f"{value:.6f}" for value in row) + '"'
    return f"values ({', '.join([text] * len(_POINTS))});"
