"""MAC styles that take their operands digit by digit."""
