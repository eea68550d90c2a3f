"""Memories between a producer and a consumer of tiles: what reads give, whatever the timing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """A read or a shrink.

    Members
    -------
    index:
        Of a read its word, counted from the head; of a shrink how many words.
    shrink:
        Which of both.
    new_word:
        Of a read what its word becomes by an update; None if it stays.
    """

    index: int
    shrink: bool = False
    new_word: int | None = None


class TileMemoryModel:
    """A list of words: reads see what was filled in and updated before them, in their order."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def most(self, head: int) -> int:
        """Return the words that can be reached at the most, from a head on."""
        return int(self.spec.size)

    def room(self, head: int) -> int:
        """Return up to which word there is room at a head."""
        return head + int(self.spec.size)

    def read(self, filled: Sequence[int], commands: Sequence[Command]) -> tuple[list[int], bool]:
        """Return what the reads give, and whether a command was out of reach, and so left out."""
        words, head, found, fault = list(filled), 0, [], False
        for command in commands:
            most = self.most(head)
            if command.index >= most + command.shrink:
                fault = True
            elif command.shrink:
                head += command.index
            else:
                found.append(words[head + command.index])
                if command.new_word is not None:
                    words[head + command.index] = command.new_word
        return found, fault


class BuffetModel(TileMemoryModel):
    """Words can be reached one by one."""


class DoubleBufferModel(TileMemoryModel):
    """Words can be reached up to the end of their half."""

    def most(self, head: int) -> int:
        half = int(self.spec.size) // 2
        return half - head % half

    def room(self, head: int) -> int:
        half = int(self.spec.size) // 2
        return head - head % half + 2 * half
