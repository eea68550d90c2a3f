"""Batches of operands: random, extreme, of networks, of a user's file."""
