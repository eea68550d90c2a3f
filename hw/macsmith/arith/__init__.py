"""Arithmetic that units are made of: partial products, bit heaps, adders, shifters, selectors."""
