"""RTL that a user brings along: read, its ports mapped, driven as our own units are."""
