"""The dot product of a PE: `fp-dot` without streams, for arrays."""
