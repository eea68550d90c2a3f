"""Liberty's Boolean expressions: ``function``, ``next_state``, ``when``.

Negation is ``!A`` or ``A'``, conjunction ``&``, ``*`` or nothing, disjunction ``|`` or ``+``,
exclusive or ``^``, which binds tighter than conjunction and that tighter than disjunction.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_TOKEN = re.compile(r"\s*([()!'&*|+^]|[^\s()!'&*|+^]+)")


def evaluate(expression: str, values: Mapping[str, Any], ones: Any) -> Any:
    """Return the value of ``expression`` where its names have ``values``.

    Values are whatever has bitwise operators (integers, numpy words), so that one evaluation
    serves many assignments; ``ones`` is the constant true among them.

    >>> evaluate("!(A B + C)", {"A": 0b1100, "B": 0b1010, "C": 1}, 0b1111)
    6

    Raises
    ------
    ValueError
        If ``expression`` is none, or names something without a value.
    """
    return _Evaluation(_TOKEN.findall(expression), expression, values, ones).result()


def names(expression: str) -> list[str]:
    """Return the pin names in ``expression``, each once, in order of appearance."""
    tokens = _TOKEN.findall(expression)
    return list(dict.fromkeys(t for t in tokens if t not in "()!'&*|+^01"))


def truth_table(expression: str, inputs: Sequence[str]) -> int:
    """Return the truth table over ``inputs``: bit i is the value where input k is bit k of i.

    >>> bin(truth_table("A ^ B", ["A", "B"]))
    '0b110'
    """
    rows = 1 << len(inputs)
    columns = {
        name: sum(1 << row for row in range(rows) if row >> k & 1) for k, name in enumerate(inputs)
    }
    return evaluate(expression, columns, (1 << rows) - 1)


class _Evaluation:
    """Recursive descent over the tokens, one method a level of precedence."""

    def __init__(
        self, tokens: list[str], expression: str, values: Mapping[str, Any], ones: Any
    ) -> None:
        self._tokens = [*tokens, ""]
        self._at = 0
        self._expression = expression
        self._values = values
        self._ones = ones

    def result(self) -> Any:
        value = self._disjunction()
        if self._tokens[self._at]:
            raise self._error()
        return value

    def _disjunction(self) -> Any:
        value = self._conjunction()
        while self._take("|+"):
            value = value | self._conjunction()
        return value

    def _conjunction(self) -> Any:
        value = self._exclusive_or()
        while self._take("&*") or (self._tokens[self._at] not in ("", ")", "|", "+")):
            value = value & self._exclusive_or()
        return value

    def _exclusive_or(self) -> Any:
        value = self._literal()
        while self._take("^"):
            value = value ^ self._literal()
        return value

    def _literal(self) -> Any:
        if self._take("!"):
            return self._literal() ^ self._ones
        if self._take("("):
            value = self._disjunction()
            if not self._take(")"):
                raise self._error()
        else:
            value = self._operand()
        while self._take("'"):
            value = value ^ self._ones
        return value

    def _operand(self) -> Any:
        token = self._tokens[self._at]
        self._at += 1
        if token in self._values:
            return self._values[token]
        if token in ("0", "1"):
            return self._ones if token == "1" else self._ones ^ self._ones
        raise self._error()

    def _take(self, choices: str) -> bool:
        found = self._tokens[self._at] != "" and self._tokens[self._at] in choices
        self._at += found
        return found

    def _error(self) -> ValueError:
        return ValueError(f"{self._expression!r} must be a Boolean expression of its pins")
