"""Expressions, registers and modules as lines of Verilog or SystemVerilog."""
