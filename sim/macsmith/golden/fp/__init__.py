"""Models of floating point: dot products, elements with integers, converters."""
