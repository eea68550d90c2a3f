"""A short name of a unit's hardware, by which a record tells whether it is of today's."""

import hashlib
from typing import Any

from macsmith.catalog.catalog import rtlil

LENGTH = 24
"""Hexadecimal digits: 96 bits, of which no two of some thousand designs have the same."""


def fingerprint(name: str, spec: Any, boundary: str = "unit") -> str:
    """Return the head of the SHA-256 of a unit's RTLIL, cut at a boundary."""
    return fingerprint_of(rtlil(name, spec, boundary))


def fingerprint_of(rtlil: str) -> str:
    """Return the same of RTLIL that is at hand, with top module ``unit``."""
    return hashlib.sha256(rtlil.encode()).hexdigest()[:LENGTH]
