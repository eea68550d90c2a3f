"""What docs/number-formats.md shows."""
