"""Engines that skip zeros wherever they lie, and the memories that feed them."""
