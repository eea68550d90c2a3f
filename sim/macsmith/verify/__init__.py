"""What `macsmith verify` runs: variants of units, in both layers."""
