"""Operands of units that take single numbers of a format."""
