"""Precision-scalable MACs: what they share, and the list of their styles."""
