"""Synthesis of RTLIL by Yosys and ABC onto the cells of a library."""
