"""RTLIL as Verilog that a designer can read: words, names, expressions, in order of the data."""
