"""Binary weights."""
