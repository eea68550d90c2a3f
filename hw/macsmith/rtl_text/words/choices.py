"""What statements give to a word, as an expression that chooses."""

from collections.abc import Callable

from macsmith.rtl_text.parsed.bit_uses import targets_of
from macsmith.rtl_text.parsed.modules import Assign, Bit, Bits, Case, Statement, Switch
from macsmith.rtl_text.words.expressions import Constant, Expression, concatenate, operation

Operand = Callable[[Bits], Expression]
"""Returns a word that is read."""


def chosen(statements: list[Statement], bits: Bits, operand: Operand) -> Expression:
    """Return what statements give to a word: in pieces that they treat alike."""
    parts: list[Expression] = []
    start = 0
    cuts = _cuts(statements)
    for place in range(1, len(bits) + 1):
        if place == len(bits) or bits[place] in cuts:
            piece = _after(statements, bits[start:place], None, operand)
            assert piece is not None
            parts.append(piece)
            start = place
    return concatenate(parts)


def _after(
    statements: list[Statement], bits: Bits, before: Expression | None, operand: Operand
) -> Expression | None:
    """Return what a word is after statements, if it was ``before`` something."""
    for statement in statements:
        if isinstance(statement, Assign):
            if bits[0] in statement.target:
                at = statement.target.index(bits[0])
                before = operand(statement.value[at : at + len(bits)])
        else:
            before = _switched(statement, bits, before, operand)
    return before


def _switched(
    switch: Switch, bits: Bits, before: Expression | None, operand: Operand
) -> Expression | None:
    if not any(bits[0] in target for target in targets_of([switch])):
        return before
    word = before
    for case in reversed(switch.cases):
        taken = _after(case.statements, bits, before, operand)
        taken_if = condition(switch.subject, case, operand)
        assert taken is not None
        if taken_if is None or word is None:
            word = taken
        elif taken != word:
            word = operation("?:", (taken_if, taken, word), len(bits))
    return word


def condition(subject: Bits, case: Case, operand: Operand) -> Expression | None:
    """Return when a case is taken if none before it is; None for always."""
    if not case.patterns:
        return None
    fits: Expression | None = None
    for pattern in case.patterns:
        digits = [
            (bit, digit)
            for bit, digit in zip(subject, reversed(pattern), strict=True)
            if digit != "-"
        ]
        if not digits:
            return None
        word = operand(tuple(bit for bit, _ in digits))
        value = sum(1 << place for place, (_, digit) in enumerate(digits) if digit == "1")
        if word.width == 1:
            one = word if value else operation("~", (word,), 1)
        else:
            one = operation("==", (word, Constant(word.width, value)), 1)
        fits = one if fits is None else operation("|", (fits, one), 1)
    return fits


def _cuts(statements: list[Statement]) -> set[Bit]:
    """Return the bits at which statements begin to treat a word in another way."""
    cuts: set[Bit] = set()
    for target in targets_of(statements):
        cuts |= {target[0], (target[-1][0], target[-1][1] + 1)}
    return cuts
