"""Fixed point with error compensation."""
