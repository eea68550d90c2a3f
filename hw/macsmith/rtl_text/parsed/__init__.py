"""A design in RTLIL as modules of wires, cells and statements, bit by bit."""
