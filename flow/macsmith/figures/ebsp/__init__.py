"""The tables and the chart of docs/ebsp.md."""
