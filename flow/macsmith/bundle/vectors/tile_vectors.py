"""Vectors of a testbench of memories of tiles: programs, and the words that the golden model reads.

A read may announce an update, for which what touches its word then waits. So a program is cut where
a command would wait; the updates that are announced by then come with the commands that follow.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from macsmith.bundle.vectors.stream_vectors import RESETS, SEED, STALLS, Run, Vectors
from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.catalog import golden
from macsmith.golden.sparse.tile_memory import Command
from macsmith.operands.packet_sources.tile_programs import Program, TileSource

COMMANDS = 60
"""Commands of a program."""

SWEEP = 64
"""Reads of one that is counted in cycles."""

FULL = 3
"""Times that it is filled up: chance must let a word come before the command that gives it room."""

FILL = 4
"""Cycles in which the first read goes through."""


class _Programs:
    """Draws the programs of a memory."""

    def __init__(self, name: str, spec: Any) -> None:
        self.rng = np.random.default_rng(SEED)
        self.model = golden(name, spec)
        self.pending, self.size, self.width = spec.pending, spec.size, spec.width
        self.source = TileSource(spec, self.model, self.rng)
        self.vectors = Vectors(sent=[[] for _ in spec.inputs(spec.points[0])])

    def add(self, title: str, program: Program, stalls: str = "no stalls", limit: int = 0) -> None:
        """Append a program after a reset in the midst of another."""
        self._send(program)
        filled = 0
        for beats, results, head in self._cut(program):
            # More words have no room yet.
            fills = min(len(program.sent[0]), self.model.room(head)) - filled
            self._run(title, (fills, *beats), results, stalls, limit)
            filled += fills

    def full(self) -> None:
        """Append words for all of the memory, and then more, which wait for room."""
        half = self.size // 2
        words = self.rng.integers(0, 1 << min(self.width, 32), self.size + half).tolist()
        commands = [Command(half, shrink=True), Command(0), Command(half - 1)]
        program = self.source.of(words, commands)
        self._send(program)
        self._run("filled to the last word", (self.size, 0, 0), 0, "no stalls")
        self._run("words that wait", (half, len(commands), 0), len(program.due), "mostly waiting")

    def _send(self, program: Program) -> None:
        """Append what is sent and read, and before it a reset in the midst of another program."""
        self.cut_short()
        for sent, words in zip(self.vectors.sent, program.sent, strict=True):
            sent += words_to_ints(words)
        self.vectors.due += words_to_ints(program.due)

    def _cut(self, program: Program) -> Iterator[tuple[tuple[int, int], int, int]]:
        """Yield pieces: their commands and updates, their results, and the head after them."""
        head = commands = results = updates = 0
        announced: list[int] = []
        for command in program.commands:
            word = head + command.index
            waits = command.shrink or word in announced or len(announced) == self.pending
            if announced and waits:
                yield (commands, updates), results, head
                commands = results = 0
                updates, announced = len(announced), []
            commands += 1
            if command.shrink:
                head = word
            else:
                results += 1
                announced += [word] * (command.new_word is not None)
        yield (commands, updates), results, head
        yield (0, len(announced)), 0, head

    def _run(
        self, title: str, beats: tuple[int, ...], results: int, stalls: str, limit: int = 0
    ) -> None:
        send, take = STALLS[stalls]
        self.vectors.runs.append(
            Run(title=f"{title}, {stalls}", beats=beats, results=results, send_stall=send,
                take_stall=take, limit=limit or 1000 + 40 * sum(beats))
        )  # fmt: skip

    def cut_short(self) -> None:
        """Append words and commands in the midst of which the memory is reset."""
        program = self.source.sweep(8)
        for sent, words in zip(self.vectors.sent, program.sent, strict=True):
            sent += words_to_ints(words)
        after = int(self.rng.integers(1, 12))
        beats = tuple(len(words) for words in program.sent)
        self.vectors.runs.append(
            Run(title=f"reset after {after} cycles", beats=beats, results=0, reset=after)
        )


def tile_vectors(name: str, spec: Any) -> Vectors:
    """Return the vectors of a memory; always the same ones."""
    drawn = _Programs(name, spec)
    sweep = drawn.source.sweep(SWEEP)
    most = len(sweep.sent[0]) + len(sweep.due) + FILL
    drawn.add("a read a cycle", sweep, limit=most)
    for _ in range(FULL):
        drawn.full()
    for stalls in STALLS:
        drawn.add("programs", drawn.source.program(COMMANDS), stalls)
    for trial in range(RESETS):
        drawn.add(f"after reset {trial + 1}", drawn.source.program(8))
    return drawn.vectors
