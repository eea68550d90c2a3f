"""Generated RTL in simulators: cocotb runs, Verilator models, and bulk runs as gates."""
