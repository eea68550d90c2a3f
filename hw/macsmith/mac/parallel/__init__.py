"""MAC styles that multiply all bits of their operands in one cycle."""
