"""Energy of mapped netlists: timed toggles, power tables, activity files."""
