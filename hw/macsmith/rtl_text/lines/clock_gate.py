"""The clock gate, the one latch there is: a module for a library's cell to take the place of."""

_LATCH = {
    "verilog": ("reg", "always @(clk or en)"),
    "systemverilog": ("logic", "always_latch"),
}


def clock_gate(name: str, language: str) -> str:
    """Return the module of a clock gate, ``clk`` passed on in cycles that begin with ``en`` up."""
    variable, always = _LATCH[language]
    net = "wire" if language == "verilog" else "logic"
    return f"""\
// A clock gate: put your library's cell in its place.
module {name} (
  input  {net} clk,
  input  {net} en,
  output {net} gclk
);
  {variable} held;
  /* verilator lint_off LATCH */
  {always}
    if (!clk) held = en;
  /* verilator lint_on LATCH */
  assign gclk = clk & held;
endmodule
"""
