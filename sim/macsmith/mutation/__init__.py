"""Faults planted in a unit's RTL, and which of its own checks see them: `macsmith mutate`."""
