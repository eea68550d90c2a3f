"""Records of measurements: their keys and types, what each means, and pure functions on them."""
