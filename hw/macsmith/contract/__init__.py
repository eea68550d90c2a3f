"""What every unit states of itself, and the sentences for values that break a rule."""
