"""Quantisers of compact number formats: real numbers to codes, and back."""
