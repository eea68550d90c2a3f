"""The one list of what can be built, its parameters as users write them, and its Verilog."""
