"""A table of instructions that zeros make needless, beside a processor."""
