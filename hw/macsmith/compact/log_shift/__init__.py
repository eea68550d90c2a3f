"""Powers of two, or of its square root."""
