"""Bit planes of differences, and where the zeros are: EBPC, as two strings of bits."""
