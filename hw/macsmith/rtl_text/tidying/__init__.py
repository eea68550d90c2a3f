"""Steps that make a design say the same in fewer and better words."""
