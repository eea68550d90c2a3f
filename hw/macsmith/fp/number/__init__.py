"""Numbers in floating point: taken apart, added to others, rounded and packed."""
