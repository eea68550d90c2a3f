"""Fixed point with two scales."""
