"""The arrays whose weights or activations stay in the PEs while sums pass through."""
