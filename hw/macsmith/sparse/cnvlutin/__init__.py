"""Lanes that skip zero activations within bricks, and meet at the end of each window."""
