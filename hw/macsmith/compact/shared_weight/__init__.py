"""Weights that share values, which indices name."""
