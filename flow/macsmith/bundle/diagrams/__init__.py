"""Timing diagrams of data sheets: what is shown, its simulation, and its text."""
