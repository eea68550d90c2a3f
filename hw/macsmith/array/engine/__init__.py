"""The AXI engine around an output-stationary array: buffers, loops, requantiser, registers."""
