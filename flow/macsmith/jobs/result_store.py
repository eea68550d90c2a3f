"""What is kept between runs under the hash of all that determines it, and a log of what was made.

An entry is written whole or not at all, whenever the writer is killed, and several processes may
read and write at a time.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import diskcache

from macsmith.host.cache_folder import cache_folder

Address = tuple[str, str]
"""Where an entry is kept: a kind, which is a folder of the cache, and a key."""


def find(address: Address) -> Any:
    """Return an entry, or None if it is not kept."""
    kind, key = address
    return _opened(str(cache_folder(kind))).get(key, retry=True)


def keep(address: Address, value: Any) -> None:
    """Keep an entry, in place of an older one."""
    kind, key = address
    _opened(str(cache_folder(kind)))[key] = value


def holds(address: Address) -> bool:
    """Return whether an entry is kept, without reading it."""
    kind, key = address
    return key in _opened(str(cache_folder(kind)))


@cache
def _opened(folder: str) -> diskcache.Cache:
    """Return a cache, open until the process ends: opening takes longer than most look-ups."""
    return diskcache.Cache(folder)


def journal() -> Path:
    """Return the log of what was made, one JSON object a line."""
    return cache_folder("journal") / "made.jsonl"


@contextmanager
def noted(address: Address, what: str) -> Iterator[None]:
    """Log that an entry is being made and, when the block ends without an error, that it is kept.

    Where a process was killed the first line stands alone.
    """
    start = time.monotonic()
    _log(address, what, "began")
    yield
    _log(address, what, "kept", seconds=round(time.monotonic() - start, 3))


def _log(address: Address, what: str, event: str, **more: float) -> None:
    kind, key = address
    line = {"event": event, "kind": kind, "key": key, "what": what, "process": os.getpid()} | more
    # One write of a short line at the end of a file is not mixed with another process's.
    with journal().open("ab", buffering=0) as file:
        file.write(json.dumps(line).encode() + b"\n")
