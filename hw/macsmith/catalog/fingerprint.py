"""A short name of a unit's hardware, by which a record tells whether it is of today's."""

import hashlib
from typing import Any

from macsmith.catalog.catalog import build
from macsmith.rtl.emit import to_rtlil

LENGTH = 24
"""Hexadecimal digits: 96 bits, of which no two of some thousand designs have the same."""


def fingerprint(name: str, spec: Any, boundary: str = "unit") -> str:
    """Return the head of the SHA-256 of a unit's RTLIL, cut at a boundary."""
    return hashlib.sha256(to_rtlil(build(name, spec, boundary), "unit").encode()).hexdigest()[
        :LENGTH
    ]
