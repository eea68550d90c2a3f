"""The array whose sums stay in the PEs until a tile is done."""
