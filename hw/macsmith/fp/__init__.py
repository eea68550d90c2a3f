"""Low-precision floating point: dot products of any formats, aligned, added and rounded."""
