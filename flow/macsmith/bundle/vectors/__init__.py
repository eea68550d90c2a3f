"""Vectors of testbenches, which the golden models have answered."""
