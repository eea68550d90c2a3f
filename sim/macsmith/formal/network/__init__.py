"""Bits of a design as gates over free variables, and what can be shown of them."""
