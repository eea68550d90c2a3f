"""The one list of boards: name and how to build for it."""

from collections.abc import Mapping

from macsmith.contract.errors import UserError, nearest

from .board import Board
from .icebreaker import ICEBREAKER

BOARDS: Mapping[str, Board] = {board.name: board for board in (ICEBREAKER,)}


def lookup(name: str) -> Board:
    """Return the board of that name.

    Raises
    ------
    UserError
        If there is none; the sentence gives the nearest name.
    """
    if name in BOARDS:
        return BOARDS[name]
    hint = nearest(name, BOARDS)
    raise UserError(f"board must be a name of the catalogue, not {name!r}; {hint}")
