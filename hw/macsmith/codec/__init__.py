"""Codecs of sparse operands as stream units: zeros leave, or symbols get codes, and come back."""
