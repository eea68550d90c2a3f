"""Tables of records for a terminal."""
