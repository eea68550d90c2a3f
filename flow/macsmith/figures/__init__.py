"""The tables and pictures of the README and of docs/: measured, kept as records, filled in."""
