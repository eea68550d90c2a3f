"""Vectors of a testbench of memories of tiles: programs, and the words that the golden model reads.

A read may announce an update, for which what touches its word then waits. So a program is cut where
a command would wait; the updates that are announced by then come with the commands that follow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.bundle.vectors.stream_vectors import RESETS, SEED, STALLS, Run, Vectors
from macsmith.formats.stream_words import words_to_ints
from macsmith.golden.catalog import golden
from macsmith.golden.sparse.tile_memory import Command
from macsmith.operands.packet_sources.tile_programs import Program, TileSource

COMMANDS = 60
"""Commands of a program."""

TILES = 3
"""Halves of the memory that are filled, read, updated and given back in turn."""

SWEEP = 64
"""Reads of one that is counted in cycles."""

FULL = "no stalls", "stalls"
"""Pauses under which it is filled up."""

WAITING = 6
"""Reads of the last word, and then of the first ones, while words wait that have no room."""

FILL = 4
"""Cycles in which the first read goes through."""


@dataclass(frozen=True, kw_only=True)
class TileRun(Run):
    """A stretch of a program.

    Members
    -------
    credits:
        What must have been told since the reset, when it is over.
    wrong:
        Whether something is out of reach.
    """

    credits: int = 0
    wrong: bool = False


@dataclass
class TileVectors(Vectors):
    """Those of a memory of tiles.

    Members
    -------
    credits, credit_bits:
        The output that tells credits, and its bits.
    """

    template: str = "tile_testbench.v.jinja"
    credits: str = "freed"
    credit_bits: int = 1


class _Programs:
    """Draws the programs of a memory."""

    def __init__(self, name: str, spec: Any) -> None:
        self.rng = np.random.default_rng(SEED)
        self.model = golden(name, spec)
        self.pending, self.size, self.width = spec.pending, spec.size, spec.width
        self.source = TileSource(spec, self.model, self.rng)
        self.vectors = TileVectors(
            sent=[[] for _ in spec.inputs(spec.points[0])], credit_bits=self.size.bit_length()
        )

    def add(self, title: str, program: Program, stalls: str = "no stalls", limit: int = 0) -> None:
        """Append a program after a reset in the midst of another."""
        self._send(program)
        filled = 0
        for beats, results, head in self._cut(program):
            # More words have no room yet.
            fills = min(len(program.sent[0]), self.model.room(head)) - filled
            self._run(title, (fills, *beats), results, stalls, head, limit)
            filled += fills

    def full(self, stalls: str) -> None:
        """Append words for all of the memory, and then more, which wait for room.

        Meanwhile what is there is read, and must be as it was.
        """
        half, reach = self.size // 2, self.model.most(0)
        words = self.rng.integers(0, 1 << min(self.width, 32), self.size + half).tolist()
        first = [Command(at % reach) for at in range(WAITING)]
        last = Command(reach - 1)
        commands = [
            *[last] * WAITING, *first, Command(half, shrink=True),
            Command(0), Command(self.model.most(half) - 1),
        ]  # fmt: skip
        program = self.source.of(words, commands)
        self._send(program)
        self._run("filled to the last word", (self.size, 0, 0), 0, stalls)
        beats = half, len(commands), 0
        self._run("words that wait", beats, len(program.due), stalls, half)

    def out_of_reach(self) -> None:
        """Append what is dropped, each beside two reads: a read, a shrink, an update."""
        most = self.model.most(0)
        words = self.rng.integers(0, 1 << min(self.width, 32), most).tolist()
        for title, wrong, update in (
            ("a read out of reach", [Command(most)], None),
            ("a shrink out of reach", [Command(most + 1, shrink=True)], None),
            ("an update that no read announced", [], 0),
            ("an update out of reach", [], self.size),
        ):
            if wrong and wrong[0].index > self.size:
                continue
            commands = [Command(0), *wrong, Command(most - 1)]
            program = self.source.of(words, commands, update)
            self._send(program)
            beats = tuple(map(len, program.sent))
            self._run(title, beats, len(program.due), "no stalls", wrong=True)

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
        self,
        title: str,
        beats: tuple[int, ...],
        results: int,
        stalls: str,
        head: int = 0,
        limit: int = 0,
        wrong: bool = False,
    ) -> None:
        """Append a run; at its end the first word is that of ``head``."""
        send, take = STALLS[stalls]
        self.vectors.runs.append(
            TileRun(title=f"{title}, {stalls}", beats=beats, results=results, send_stall=send,
                    take_stall=take, limit=limit or 1000 + 40 * sum(beats),
                    credits=self.model.room(head) - self.size, wrong=wrong)
        )  # fmt: skip

    def cut_short(self) -> None:
        """Append words and commands in the midst of which the memory is reset."""
        program = self.source.sweep(8)
        for sent, words in zip(self.vectors.sent, program.sent, strict=True):
            sent += words_to_ints(words)
        after = int(self.rng.integers(1, 12))
        beats = tuple(len(words) for words in program.sent)
        # What was there before may be such that these commands are out of reach.
        self.vectors.runs.append(
            TileRun(title=f"reset after {after} cycles", beats=beats, results=0, reset=after,
                    wrong=True)
        )  # fmt: skip


def tile_vectors(name: str, spec: Any) -> Vectors:
    """Return the vectors of a memory; always the same ones."""
    drawn = _Programs(name, spec)
    sweep = drawn.source.sweep(SWEEP)
    most = len(sweep.sent[0]) + len(sweep.due) + FILL
    drawn.add("a read a cycle", sweep, limit=most)
    for stalls in FULL:
        drawn.full(stalls)
    for stalls in STALLS:
        drawn.add("tile by tile", drawn.source.walk(TILES), stalls)
        drawn.add("programs", drawn.source.program(COMMANDS), stalls)
    drawn.out_of_reach()
    for trial in range(RESETS):
        drawn.add(f"after reset {trial + 1}", drawn.source.program(8))
    return drawn.vectors
