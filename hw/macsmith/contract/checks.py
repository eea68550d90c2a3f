"""Rules of parameters, and the sentences for values that break them."""

import operator
from collections.abc import Iterable

from macsmith.contract.errors import UserError, nearest


def check_int(
    name: str, value: object, allowed: Iterable[int], suggested: Iterable[int] = ()
) -> int:
    """Return ``value`` as an int of ``allowed``, or raise a sentence that names the rule.

    The nearest that the sentence gives is one of ``suggested``, which no other rule refuses, if
    there are such.
    """
    # Long ranges are not written out.
    if not isinstance(allowed, range) or allowed.step != 1 or len(allowed) < 4:
        allowed = sorted(allowed)
    first, last = allowed[0], allowed[-1]
    contiguous = len(allowed) == last - first + 1 > 3
    rule = (
        f"from {first} to {last}"
        if contiguous
        else " or ".join(filter(None, (", ".join(map(str, allowed[:-1])), str(last))))
    )
    if isinstance(value, bool):
        raise UserError(f"{name} must be a whole number {rule}, not {value!r}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise UserError(f"{name} must be a whole number {rule}, not {value!r}") from None
    if number not in allowed:
        nearest = min(list(suggested) or allowed, key=lambda legal: abs(legal - number))
        raise UserError(f"{name} must be {rule}, not {number}; the nearest is {nearest}")
    return number


def check_choice(name: str, value: object, allowed: Iterable[str]) -> None:
    """Raise a sentence if ``value`` is not one of ``allowed``."""
    allowed = list(allowed)
    if value not in allowed:
        near = nearest(str(value), allowed)
        hint = f"; {near}" if near.startswith("did you mean") else ""
        words = ", ".join(one or "nothing" for one in allowed)
        raise UserError(f"{name} must be one of {words}, not {value!r}{hint}")


def check_flag(name: str, value: object) -> None:
    """Raise a sentence if ``value`` is not true or false."""
    if not isinstance(value, bool):
        raise UserError(f"{name} must be true or false, not {value!r}")
