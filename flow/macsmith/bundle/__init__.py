"""What a flow needs around the Verilog of a unit: testbench, constraints, package files."""
