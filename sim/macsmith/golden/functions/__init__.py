"""Models of special functions, and of units made of them."""
