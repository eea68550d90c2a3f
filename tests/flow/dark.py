"""A cell library that states no energies."""

import re
from pathlib import Path

from macsmith.library import generic_liberty

DARK = "dark.lib"
"""Stands in lists of words for the file of such a library."""

_GROUP = re.compile(r"\n *internal_power \(\) \{(?:[^{}]|\{[^{}]*\})*\}")


def without_power(liberty: str) -> str:
    """Return a Liberty file without its groups of internal power."""
    return _GROUP.sub("", liberty)


def dark_library(folder: Path) -> Path:
    """Write the embedded library without energies and return its file."""
    path = folder / DARK
    path.write_text(without_power(generic_liberty.render()))
    return path
