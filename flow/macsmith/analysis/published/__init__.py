"""Published figures, and how measured ones compare with them."""
