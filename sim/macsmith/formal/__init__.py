"""Proofs: arithmetic and stream rules of the emitted RTLIL, for all states and all inputs."""
