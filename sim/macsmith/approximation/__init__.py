"""Errors of approximate units: what golden models give beside exact results."""
