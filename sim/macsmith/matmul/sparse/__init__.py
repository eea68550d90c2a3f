"""Layers on engines that skip zeros: their units on Verilator."""
