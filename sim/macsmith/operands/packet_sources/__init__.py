"""Packets for units that make a packet of each packet."""
