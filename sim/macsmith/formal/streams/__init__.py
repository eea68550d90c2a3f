"""Rules of streams and buses, as hardware that watches a unit, and how they are decided."""
