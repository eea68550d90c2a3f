"""FPGA boards: a unit and a self-test of it, as a bitstream."""
