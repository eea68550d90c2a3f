"""The tables of docs/floating-point.md: dot products, processing elements, networks."""
