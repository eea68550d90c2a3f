"""Activations of networks: functions of a magnitude, by tables whose ranges double."""
