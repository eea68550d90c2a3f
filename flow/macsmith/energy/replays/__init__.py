"""Operands through mapped netlists other than those of units and cores, for energies."""
