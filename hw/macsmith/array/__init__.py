"""Systolic tensor arrays: what the dataflows share, and the list of arrays."""
