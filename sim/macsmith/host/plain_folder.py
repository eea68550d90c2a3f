"""Folders to work in that every tool can name: no white space, nothing that a shell or make reads.

Yosys, ABC, make and Tcl each trip over other characters of a path. So what they work on lies in a
folder of a plain name, whatever the user's folders are called, and what is wanted of it is copied.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from macsmith.contract.errors import UserError

_PLAIN = re.compile(r"[A-Za-z0-9_./+-]+")
_OTHERS = ("/tmp", "/var/tmp", "/dev/shm")
"""Where to work if the user's folder for temporary files has no plain name."""


def is_plain(path: Path) -> bool:
    """Return whether every tool can name a path, and what it leads to if it is a link."""
    return all(_PLAIN.fullmatch(str(place)) for place in (path.absolute(), path.resolve()))


def work_root() -> Path:
    """Return the folder for temporary files, or another one where that has no plain name.

    Raises
    ------
    UserError
        If there is none that can be written.
    """
    asked = Path(tempfile.gettempdir())
    for place in (asked, *map(Path, _OTHERS)):
        if is_plain(place) and place.is_dir() and os.access(place, os.W_OK | os.X_OK):
            return place
    raise UserError(
        "TMPDIR must be a folder that can be written, named by letters, digits, _, ., + and - "
        f"alone, which the tools need, not {str(asked)!r}"
    )


@contextmanager
def plain_folder(prefix: str = "macsmith-") -> Iterator[Path]:
    """Make a folder of a plain name, which is gone with all that is in it at the block's end."""
    with tempfile.TemporaryDirectory(
        prefix=prefix, dir=work_root(), ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def tool_environment() -> dict[str, str]:
    """Return the environment of a tool, whose temporary files go where names are plain."""
    return {**os.environ, "TMPDIR": str(work_root())}
