"""Operands of dot products of compact number formats."""
