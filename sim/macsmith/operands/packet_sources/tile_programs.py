"""Programs for memories of tiles: what is filled in, read, updated and given back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from macsmith.formats.stream_words import Words, pack
from macsmith.golden.sparse.tile_memory import Command, TileMemoryModel
from macsmith.host.int64s import Int64s


@dataclass(frozen=True, eq=False)
class Program:
    """What goes into a memory, and what must come out.

    Members
    -------
    commands:
        Reads and shrinks.
    sent:
        Payloads of each input.
    update_after:
        Of each update how many results must have been taken before it comes.
    due:
        Payloads that come out.
    fault:
        Whether something is out of reach.
    """

    commands: Sequence[Command]
    sent: Sequence[Words]
    update_after: Int64s
    due: Words
    fault: bool


class TileSource:
    """Random programs that end: every word that is read is filled in, every update comes."""

    def __init__(self, spec: Any, model: TileMemoryModel, rng: np.random.Generator) -> None:
        self.spec, self.model, self.rng = spec, model, rng

    def program(self, count: int, *, out_of_reach: bool = False) -> Program:
        """Return a program of so many commands.

        Parameters
        ----------
        out_of_reach:
            Whether some commands, or an update, are such that they are dropped.
        """
        spec, rng = self.spec, self.rng
        commands: list[Command] = []
        head = top = 0
        shares = rng.choice([0.0, 0.1, 0.5]), rng.choice([0.0, 0.3, 1.0])
        reach = int(rng.choice([1, 2, spec.size]))
        for _ in range(count):
            most = self.model.most(head)
            if out_of_reach and rng.random() < 0.1 and most < spec.size:
                commands.append(Command(most + int(rng.integers(1, 2)), shrink=True))
            elif out_of_reach and rng.random() < 0.1:
                commands.append(Command(int(rng.integers(most, spec.size + 1))))
            elif rng.random() < shares[0]:
                given = int(rng.integers(0, min(most, reach) + 1))
                commands.append(Command(given, shrink=True))
                head += given
            else:
                index = int(rng.integers(0, min(most, reach)))
                top = max(top, head + index + 1)
                new = self._word() if rng.random() < shares[1] else None
                commands.append(Command(index, new_word=new))
        # A half of a double buffer is whole before it is read, and there is room for two.
        top = min(max(top, head) + int(rng.integers(0, spec.size)), self.model.room(head))
        while self.model.most(top) != self.model.most(0):
            top += 1
        filled = [self._word() for _ in range(top)]
        lone = out_of_reach and rng.random() < 0.3
        return self.of(filled, commands, int(rng.integers(0, spec.size + 1)) if lone else None)

    def sweep(self, count: int) -> Program:
        """Return a program that reads its first words again and again, one after the other."""
        most = self.model.most(0)
        commands = [Command(at % most) for at in range(count)]
        return self.of([self._word() for _ in range(most)], commands)

    def walk(self, tiles: int) -> Program:
        """Return a program that reads tile after tile word by word, and gives each back whole.

        As many words as may be pending are read for updates, the next tile's too where these can be
        read; the updates come in any order, and then the words are read again, in any order.
        """
        half, commands, groups = self.spec.size // 2, list[Command](), list[int]()
        reach = self.model.most(0)
        for _ in range(tiles):
            for first in range(0, half, self.spec.pending):
                group = range(first, min(first + self.spec.pending, reach))
                commands += [Command(at, new_word=self._word()) for at in group]
                commands += [Command(at) for at in self.rng.permutation(group).tolist()]
                groups.append(len(group))
            commands.append(Command(half, shrink=True))
        program = self.of([self._word() for _ in range(tiles * half + reach - half)], commands)
        *others, updates = program.sent
        order, after, at = list[int](), program.update_after.copy(), 0
        for count in groups:
            order += (at + self.rng.permutation(count)).tolist()
            after[at : at + count] = after[at + count - 1]
            at += count
        return replace(program, sent=(*others, updates[order]), update_after=after)

    def _word(self) -> int:
        return int(self.rng.integers(0, 1 << self.spec.width, dtype=np.uint64))

    def of(
        self, filled: list[int], commands: Sequence[Command], lone_update: int | None = None
    ) -> Program:
        """Return the program of these words and commands.

        Parameters
        ----------
        lone_update:
            The index of an update that follows and that no read has announced; None if none does.
        """
        found, fault = self.model.read(filled, commands)
        updates: list[tuple[int, int, int]] = []
        head = results = 0
        for command in commands:
            if command.index >= self.model.most(head) + command.shrink:
                continue
            if command.shrink:
                head += command.index
                continue
            results += 1
            if command.new_word is not None:
                updates.append((command.index, command.new_word, results))
        if lone_update is not None:
            updates.append((lone_update, 0, results))
        inputs = self.spec.inputs(self.spec.points[0])
        kinds = [(c.index, int(c.new_word is not None), int(c.shrink)) for c in commands]
        fields = (
            {"word": filled},
            dict(zip(("index", "update", "shrink"), zip(*kinds, strict=True), strict=True)),
            {"index": [u[0] for u in updates], "new_word": [u[1] for u in updates]},
        )
        sent = [
            pack(layout, {name: column(values) for name, values in one.items()})
            for layout, one in zip(inputs.values(), fields, strict=True)
        ]
        (layout,) = self.spec.outputs(self.spec.points[0]).values()
        due = pack(layout, {"read_word": column(found)})
        after = np.array([update[2] for update in updates], np.int64)
        return Program(commands, sent, after, due, fault or lone_update is not None)


def column(values: Sequence[int]) -> Int64s:
    """Return the values of a field, one a beat."""
    return np.array(values, np.uint64).view(np.int64)[:, np.newaxis]
