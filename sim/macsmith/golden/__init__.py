"""Bit-exact numpy models of every unit, which share no code with the hardware."""
