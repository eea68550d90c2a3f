"""Nets as expressions, in the order in which they are computed, and what they are called."""
