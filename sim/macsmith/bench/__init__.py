"""The cocotb benches of all families, and the bulk comparison with golden models."""
