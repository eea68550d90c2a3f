"""Expressions as text, with marks where a line may be broken."""

from collections.abc import Iterator, Mapping

from macsmith.rtl_text.words.expressions import (
    Concatenation,
    Constant,
    Expression,
    Operation,
    Reference,
    Repetition,
)

BREAK = "\v"
"""Where a line may be broken; a space if it is not."""

TIGHT_BREAK = "\f"
"""Where a line may be broken; nothing if it is not."""

_ASSOCIATIVE = frozenset("+*&|^")
_DECIMAL = 10
_WIDEST = 256
"""Bits of a number that goes into a line; a wider one is written in pieces."""


class ExpressionText:
    """Writes expressions.

    Parameters
    ----------
    names:
        What nets are called in the text.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def of(self, word: Expression) -> str:
        """Return an expression as Verilog."""
        match word:
            case Constant():
                return _number(word)
            case Reference():
                return slice_of(self._names[word.name], word.low, word.width, word.of)
            case Concatenation():
                return "{" + f",{BREAK}".join(self.of(part) for part in word.parts) + "}"
            case Repetition():
                return f"{{{word.times}{{{self.of(word.part)}}}}}"
        return self._operation(word)

    def _operation(self, word: Operation) -> str:
        kind, operands = word.kind, word.operands
        if kind == "?:":
            condition, yes, no = operands
            chosen = f"{self._inner(condition)} ?{BREAK}{self._inner(yes)}"
            return f"{chosen} :{BREAK}{self._inner(no)}"
        if len(operands) == 1:
            return f"{kind.rstrip('/')}{self._inner(operands[0], closely=True)}"
        if kind == "&" and word.width == 1 and (found := _one_value(word)):
            return self._operation(found)
        left, right = operands
        if word.signed:
            # A shift counts in bits, without a sign. The words around a number make it unsigned.
            last = self._inner(right) if kind == ">>>" else f"$signed({self.of(right)})"
            signed = f"$signed({self.of(left)}) {kind}{BREAK}{last}"
            return signed if word.width == 1 else f"$unsigned({signed})"
        first = self.of(left) if _is_chain(kind, left) else self._inner(left)
        return f"{first} {kind}{BREAK}{self._inner(right)}"

    def _inner(self, word: Expression, closely: bool = False) -> str:
        """Return an operand, in parentheses where a reader would have to know what binds first."""
        text = self.of(word)
        if isinstance(word, Operation) and (
            closely or len(word.operands) > 1 or word.kind.endswith("/")
        ):
            return f"({text})"
        return text


def _is_chain(kind: str, left: Expression) -> bool:
    """Return whether a word is of the operator that follows it, so that it needs no parentheses."""
    if not isinstance(left, Operation) or left.kind != kind or kind not in _ASSOCIATIVE:
        return False
    return kind != "&" or left.width > 1 or _one_value(left) is None


def _one_value(word: Operation) -> Operation | None:
    """Return ``x[0] & ~x[1]`` as ``x == 2'd1``; None if it is something else."""
    values: dict[tuple[str, int], int] = {}
    first: Reference | None = None
    for bit, value in _literals(word):
        if not isinstance(bit, Reference) or bit.width != 1 or (bit.name, bit.low) in values:
            return None
        values[bit.name, bit.low] = value
        first = bit if first is None or bit.low < first.low else first
    assert first is not None
    number = sum(value << place - first.low for (_, place), value in values.items())
    net = Reference(first.name, first.low, len(values), first.of)
    if set(values) != {(first.name, first.low + k) for k in range(len(values))}:
        return None
    if number == 2**net.width - 1 and net.width < net.of:
        return None
    return Operation("==", (net, Constant(net.width, number)), 1)


def _literals(word: Expression) -> Iterator[tuple[Expression, int]]:
    """Yield the inputs of a gate of many, with zero for those that are inverted."""
    match word:
        case Operation("&"):
            for operand in word.operands:
                yield from _literals(operand)
        case Operation("~"):
            yield word.operands[0], 0
        case _:
            yield word, 1


def slice_of(name: str, low: int, width: int, of: int) -> str:
    """Return bits of a net as Verilog."""
    if width == of:
        return name
    high = low + width - 1
    return f"{name}[{low}]" if width == 1 else f"{name}[{high}:{low}]"


def _number(word: Constant) -> str:
    if word.width == 1:
        return f"1'b{word.value}"
    if word.value < _DECIMAL:
        return f"{word.width}'d{word.value}"
    if word.value == 2**word.width - 1 and word.width % 4:
        return f"{{{word.width}{{1'b1}}}}"
    if word.width > _WIDEST:
        pieces = [
            _number(
                Constant(min(_WIDEST, word.width - low), word.value >> low & (1 << _WIDEST) - 1)
            )
            for low in range(0, word.width, _WIDEST)
        ]
        return "{" + f",{BREAK}".join(reversed(pieces)) + "}"
    return f"{word.width}'h{word.value:x}"
