"""Compact number formats: dot products of codes whose bits are spent where they count."""
