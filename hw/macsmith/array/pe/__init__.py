"""Processing elements, and the grid that they form."""
