"""The tables of arrays and of what feeds them: docs/systolic-array.md."""
