"""How components become RTLIL and Verilog: shared modules, leaf cells, memories left out, names."""
