"""Codecs of sparse operands in numpy, bit for bit as the units of the same names."""
