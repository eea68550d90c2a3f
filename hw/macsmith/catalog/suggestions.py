"""The end of a sentence that refuses a number: the nearest one that no other rule refuses."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from macsmith.contract.errors import UserError

_NUMBER = re.compile(r"((\w[\w.]*) must .*, not (-?\d+)[^;]*); the nearest(?: below)? is (\d+)")

_MOST = 24
"""Numbers that are tried."""


def with_legal_suggestion(
    error: UserError, make: Callable[..., Any], parameters: Mapping[str, Any]
) -> UserError:
    """Return the error with a suggestion that the other rules take, or without one.

    Where another parameter is wrong besides, the suggestion stays what it is. So does a word, which
    is what was meant: what it needs besides, the next sentence says.

    Parameters
    ----------
    make:
        Makes the specification.
    parameters:
        Of which the error is.
    """

    def refused(name: str, value: object) -> str:
        try:
            make(**{**parameters, name: value})
        except UserError as other:
            return str(other)
        return ""

    text = str(error)
    if not (found := _NUMBER.fullmatch(text)) or found[2] not in parameters:
        return error
    head, name = found[1], found[2]
    value, suggestion = int(found[3]), int(found[4])
    if not (why := refused(name, suggestion)):
        return error
    other = _NUMBER.fullmatch(why)
    first = [int(other[4])] if other and other[2] == name else []
    for number in (*first, *_near(value, head, suggestion)):
        if not refused(name, number):
            return UserError(f"{head}; the nearest is {number}")
    return error if _wrong_besides(make, parameters, name) else UserError(head)


def _wrong_besides(make: Callable[..., Any], parameters: Mapping[str, Any], name: str) -> bool:
    """Return whether the other parameters are refused as well."""
    try:
        make(**{one: value for one, value in parameters.items() if one != name})
    except UserError:
        return True
    return False


def _near(value: int, head: str, suggestion: int) -> Sequence[int]:
    """Return numbers that a sentence's rule takes, the nearest to a value first."""
    if named := re.search(r"must be from (\d+) to (\d+),", head):
        least, most = int(named[1]), int(named[2])
    elif named := re.search(r"must be ([\d, or]+), not", head):
        numbers = [int(one) for one in re.findall(r"\d+", named[1])]
        return sorted(numbers, key=lambda number: abs(number - value))[:_MOST]
    else:
        least, most = max(0, suggestion - _MOST), suggestion + _MOST
    start = min(max(value, least), most)
    around = range(max(least, start - _MOST), min(most, start + _MOST) + 1)
    return sorted(around, key=lambda number: abs(number - start))[:_MOST]
