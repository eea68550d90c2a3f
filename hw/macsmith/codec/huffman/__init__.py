"""Canonical Huffman codes, their tables loaded at run time: all lengths at once, or one by one."""
