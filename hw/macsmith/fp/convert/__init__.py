"""Converters: numbers of one format to another, alone or in blocks that share a scale."""
