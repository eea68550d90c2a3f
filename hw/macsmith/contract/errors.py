"""Errors that a user can cause and mend."""

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(ValueError):
    """One sentence: what is wrong, the rule, the value, and the nearest right thing."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: the nearest right one, or all."""
    names = list(known)
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]}" if near else f"there are {', '.join(names)}"
