"""Register bits that are clocked together: those that live in the same modes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from macsmith.contract.modes import Mode


@dataclass(frozen=True)
class RegisterGroup:
    """Register bits that live in the same modes and so share one enable.

    Members
    -------
    bits:
        Their places in the register.
    modes:
        The modes in which they live.
    each_digit:
        Whether they are clocked for each digit of a serial product, not only at its end.
    """

    bits: tuple[int, ...]
    modes: frozenset[Mode]
    each_digit: bool = False


def clocked(groups: Iterable[RegisterGroup], mode: Mode) -> set[int]:
    """Return the bits of a register that are clocked in a mode."""
    return {bit for group in groups if mode in group.modes for bit in group.bits}


def grouped(
    modes: Sequence[Mode], width: int, alive: Callable[[Mode], Iterable[int]]
) -> tuple[RegisterGroup, ...]:
    """Gather the bits of a register by the modes in which they are clocked."""
    living = {mode: set(alive(mode)) for mode in modes}
    bits: dict[frozenset[Mode], list[int]] = {}
    for bit in range(width):
        live = frozenset(mode for mode in modes if bit in living[mode])
        bits.setdefault(live, []).append(bit)
    return tuple(RegisterGroup(tuple(group), live) for live, group in bits.items())
