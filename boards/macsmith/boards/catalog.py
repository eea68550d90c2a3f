"""The one list of boards: name and how to build for it."""

from collections.abc import Mapping
from difflib import get_close_matches

from macsmith.errors import UserError

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
    near = get_close_matches(name, BOARDS, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}" if near else f"there are {', '.join(BOARDS)}"
    raise UserError(f"board must be a name of the catalogue, not {name!r}; {hint}")
