"""EBSP: weights of few bits in short windows, multiplied by steering and a small table."""
