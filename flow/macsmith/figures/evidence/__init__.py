"""docs/evidence.md: what shows each unit to be right, from the records of long runs."""
