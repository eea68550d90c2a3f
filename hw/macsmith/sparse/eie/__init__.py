"""Sparse matrix by sparse vector: columns of weights meet the activations that are not zero."""
