"""The `macsmith` command, above all rooms."""
