"""Convolutions of compressed operands: PEs multiply non-zero activations by non-zero weights."""
