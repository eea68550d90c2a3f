"""How often Python looks for garbage in processes that build designs."""

import gc

OBJECTS = 100_000
"""Objects made between two looks. A design is some hundred thousand that all live until its RTL is
written, so that looking every 700, Python's default, takes a fifth of the time and finds nothing;
rarer than this saves no more and holds more memory."""


def collect_seldom() -> None:
    """Look for garbage seldom, from now on in this process."""
    gc.set_threshold(OBJECTS, 20, 100)
