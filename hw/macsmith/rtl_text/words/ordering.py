"""The order of what a module computes: after what it reads, wherever that is possible."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from macsmith.rtl_text.parsed.modules import Bit
from macsmith.rtl_text.words.expressions import (
    Concatenation,
    Expression,
    Operation,
    Reference,
    Repetition,
)


@dataclass
class Step:
    """A line of a module, or a few: what it drives and what it reads.

    Members
    -------
    declares
        The net that it declares; empty if that is declared before.
    stays
        Whether it stays if nobody reads what it drives: an instance, or what drives a port.
    """

    drives: set[Bit]
    reads: set[Bit]
    text: str
    declares: str = ""
    stays: bool = False


def in_order(steps: Sequence[Step]) -> tuple[list[Step], set[str]]:
    """Return steps after those that they read, and the nets that are read before their steps."""
    driver: dict[Bit, int] = {bit: k for k, step in enumerate(steps) for bit in step.drives}
    ordered: list[Step] = []
    done: set[int] = set()
    open_: set[int] = set()
    early: set[str] = set()
    for start in range(len(steps)):
        stack: list[tuple[int, Iterator[int]]] = []
        if start not in done:
            stack.append((start, _before(steps[start], driver)))
            open_.add(start)
        while stack:
            step, needs = stack[-1]
            for need in needs:
                if need in open_:
                    early.add(steps[need].declares)
                elif need not in done:
                    open_.add(need)
                    stack.append((need, _before(steps[need], driver)))
                    break
            else:
                stack.pop()
                open_.discard(step)
                done.add(step)
                ordered.append(steps[step])
    return ordered, early - {""}


def without_unread(steps: Sequence[Step], read: set[Bit]) -> list[Step]:
    """Return steps without those that compute nets for nobody.

    Parameters
    ----------
    read:
        Bits that something else reads.
    """
    kept = list(steps)
    while True:
        needed = read.union(*(step.reads for step in kept))
        left = [step for step in kept if step.stays or step.drives & needed]
        if len(left) == len(kept):
            return kept
        kept = left


def _before(step: Step, driver: Mapping[Bit, int]) -> Iterator[int]:
    return iter(sorted({driver[bit] for bit in step.reads if bit in driver}))


def bits_in(word: Expression) -> Iterator[Bit]:
    """Yield the bits of nets that an expression reads."""
    match word:
        case Reference():
            yield from ((word.name, place) for place in range(word.low, word.low + word.width))
        case Concatenation():
            for part in word.parts:
                yield from bits_in(part)
        case Repetition():
            yield from bits_in(word.part)
        case Operation():
            for operand in word.operands:
                yield from bits_in(operand)
