"""A convolution through a memory of tiles: what a producer fills in and a consumer reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from macsmith.contract.errors import UserError
from macsmith.golden.sparse.tile_memory import Command


@dataclass(frozen=True)
class TiledLayer:
    """Filters over a plane, row by row, each position's window read word by word.

    A buffet keeps the rows that the next window needs. Tiles of a double buffer share no word, so
    these rows are filled in again.

    Parameters
    ----------
    rows:
        Of outputs.
    side:
        Words of a row of the plane, zeros around it included.
    kernel:
        Rows and columns of a filter.
    """

    rows: int = 8
    side: int = 30
    kernel: int = 3

    def program(self, spec: Any, seed: int = 1) -> tuple[list[int], list[Command]]:
        """Return the words that are filled in, and the commands, for a memory.

        Raises
        ------
        UserError
            If the memory has no room for a window, or its halves are not whole rows.
        """
        room = spec.size // (1 + spec.in_halves)
        held = room // self.side
        if held < self.kernel or (spec.in_halves and room % self.side):
            raise UserError(f"size must be whole rows of {self.side} words, at least {self.kernel} "
                            f"of them, not {spec.size}")  # fmt: skip
        rng = np.random.default_rng(seed)
        plane = rng.integers(
            0, 1 << spec.width, (self.rows + self.kernel - 1, self.side), np.uint64
        )
        filled: list[int] = []
        commands: list[Command] = []
        # Rows of outputs that are made of what is there before something is given back.
        step = held - self.kernel + 1 if spec.in_halves else 1
        for first in range(0, self.rows, step):
            done = min(step, self.rows - first)
            fresh = plane[first : first + held] if spec.in_halves else plane[_new(first, self)]
            filled += fresh.reshape(-1).tolist()
            if spec.in_halves:
                filled += [0] * (room - fresh.size)
            commands += [Command(index) for row in range(done) for index in self._reads(row)]
            commands.append(Command(room if spec.in_halves else self.side, shrink=True))
        return filled, commands

    def _reads(self, row: int) -> Sequence[int]:
        """Return the words of a row of outputs, window by window."""
        window = range(self.kernel)
        return [
            (row + down) * self.side + at + across
            for at in range(self.side - self.kernel + 1)
            for down in window
            for across in window
        ]


def _new(first: int, layer: TiledLayer) -> slice:
    """Return the rows that are new to the window of a row of outputs."""
    return slice(first + layer.kernel - 1 if first else 0, first + layer.kernel)
