"""Dynamic activation pruning: the largest of each block are kept."""
