"""What number formats lose, of records of units."""
