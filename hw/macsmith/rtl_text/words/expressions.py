"""Expressions of Verilog whose operands are as wide as their operators need: none is extended.

Where operands of ``a + b`` have the width of the sum and both sides of ``a == b`` have one width,
the value of an expression does not depend on where it stands, so it may stand anywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Constant:
    """A number."""

    width: int
    value: int


@dataclass(frozen=True)
class Reference:
    """Bits of a net, from ``low`` on.

    Members
    -------
    of
        The width of the net.
    """

    name: str
    low: int
    width: int
    of: int


@dataclass(frozen=True)
class Concatenation:
    """Words beside each other, the highest first."""

    parts: "tuple[Expression, ...]"

    @property
    def width(self) -> int:
        """The bits of all parts."""
        return sum(part.width for part in self.parts)


@dataclass(frozen=True)
class Repetition:
    """A word several times."""

    times: int
    part: "Expression"

    @property
    def width(self) -> int:
        """The bits of all copies."""
        return self.times * self.part.width


@dataclass(frozen=True)
class Operation:
    """An operator and its operands.

    Members
    -------
    kind
        As Verilog writes it; ``?:`` has the condition first; reductions are ``&/`` and the like.
    signed
        Whether operands are in two's complement.
    """

    kind: str
    operands: "tuple[Expression, ...]"
    width: int
    signed: bool = False


Expression = Constant | Reference | Concatenation | Repetition | Operation

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

BITWISE = frozenset("&|^~")
"""Operators whose every bit comes of one bit of each operand."""


def operation(
    kind: str, operands: tuple[Expression, ...], width: int, signed: bool = False
) -> Expression:
    """Return an operation, or the word that it is where an operand is a constant."""
    if kind == "~" and isinstance(operands[0], Constant):
        return Constant(width, operands[0].value ^ (2**width - 1))
    if kind == "?:" and isinstance(operands[0], Constant):
        return operands[1] if operands[0].value else operands[2]
    if kind in ("&", "|", "^"):
        for one, other in (operands, operands[::-1]):
            if isinstance(one, Constant):
                simple = _with_constant(kind, one, other)
                if simple is not None:
                    return simple
    if kind == "==" and isinstance(operands[1], Constant) and operands[1].width == 1:
        return operands[0] if operands[1].value else operation("~", operands[:1], 1)
    if not signed and (decided := _decided(kind, operands)) is not None:
        return Constant(1, decided)
    return Operation(kind, operands, width, signed)


def _decided(kind: str, operands: tuple[Expression, ...]) -> int | None:
    """Return what a comparison of numbers without a sign always comes to; None if it varies."""
    if kind not in _MIRRORED:
        return None
    left, right = operands
    if isinstance(left, Constant):
        kind, left, right = _MIRRORED[kind], right, left
    if not isinstance(right, Constant):
        return None
    if right.value == 0 and kind in ("<", ">="):
        return int(kind == ">=")
    if right.value == 2**right.width - 1 and kind in (">", "<="):
        return int(kind == "<=")
    return None


def _with_constant(kind: str, one: Constant, other: Expression) -> Expression | None:
    """Return a gate one of whose inputs is all zeros or all ones; None if it is neither."""
    ones = 2**one.width - 1
    if one.value not in (0, ones):
        return None
    if kind == "^":
        return operation("~", (other,), one.width) if one.value else other
    if (kind == "&") == (one.value == 0):
        return one
    return other


def concatenate(parts: Iterable[Expression]) -> Expression:
    """Return words beside each other, the lowest first, as the fewest words that they are.

    Bits of one net become a slice, gates of one kind beside each other one gate of words, one word
    again and again a repetition.
    """
    joined: list[Expression] = []
    for part in parts:
        while joined and (both := _join(part, joined[-1])) is not None:
            joined.pop()
            part = both
        joined.append(part)
    if len(joined) == 1:
        return joined[0]
    return Concatenation(tuple(reversed(joined)))


def _join(high: Expression, low: Expression) -> Expression | None:
    """Return two neighbours as one word without a concatenation; None if that is not possible."""
    match high, low:
        case Constant(), Constant():
            return Constant(high.width + low.width, high.value << low.width | low.value)
        case Reference(), Reference() if high.name == low.name:
            if high.low == low.low + low.width:
                return Reference(low.name, low.low, low.width + high.width, low.of)
    if repeated := _repeated(high, low):
        return repeated
    match high, low:
        case Operation(), Operation() if high.kind == low.kind:
            return _join_operations(high, low)
    return None


def _repeated(high: Expression, low: Expression) -> Expression | None:
    times_high, word = (high.times, high.part) if isinstance(high, Repetition) else (1, high)
    times_low, other = (low.times, low.part) if isinstance(low, Repetition) else (1, low)
    return Repetition(times_high + times_low, word) if word == other else None


def _join_operations(high: Operation, low: Operation) -> Expression | None:
    if high.kind in BITWISE:
        pairs = zip(high.operands, low.operands, strict=True)
        start: tuple[Expression, ...] = ()
    elif high.kind == "?:" and high.operands[0] == low.operands[0]:
        pairs = zip(high.operands[1:], low.operands[1:], strict=True)
        start = high.operands[:1]
    else:
        return None
    operands: list[Expression] = []
    for one, other in pairs:
        both = _join(one, other)
        if both is None:
            return None
        operands.append(both)
    return Operation(high.kind, (*start, *operands), high.width + low.width)


def parts_of(word: Expression) -> Sequence[Expression]:
    """Return the words that stand beside each other in a word, the lowest first."""
    return word.parts[::-1] if isinstance(word, Concatenation) else (word,)


def is_plain(word: Expression) -> bool:
    """Return whether a word has no operator."""
    match word:
        case Operation():
            return False
        case Concatenation():
            return all(is_plain(part) for part in word.parts)
        case Repetition():
            return is_plain(word.part)
    return True
