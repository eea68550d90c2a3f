"""What is kept between runs under the hash of all that determines it, and a log of what was made.

An entry is written whole or not at all, whenever the writer is killed, and several processes may
read and write at a time. Where the cache cannot be used, entries are held in memory till the end.
"""

import json
import os
import pickle
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import diskcache

from macsmith.host.cache_folder import cache_folder
from macsmith.output.terminal import tell

Address = tuple[str, str]
"""Where an entry is kept: a kind, which is a folder of the cache, and a key."""


def find(address: Address) -> Any:
    """Return an entry, or None if it is not kept."""
    if address in _HELD:
        return _HELD[address]
    kind, key = address
    with _costs_time():
        return _opened(str(cache_folder(kind))).get(key, retry=True)
    return None


def keep(address: Address, value: Any) -> None:
    """Keep an entry, in place of an older one."""
    kind, key = address
    _HELD[address] = value
    with _costs_time():
        _opened(str(cache_folder(kind)))[key] = value
        del _HELD[address]


def holds(address: Address) -> bool:
    """Return whether an entry is kept, without reading it."""
    kind, key = address
    with _costs_time():
        return address in _HELD or key in _opened(str(cache_folder(kind)))
    return False


def take_held() -> dict[Address, Any]:
    """Return what is in memory alone, and hold it no longer: another process does."""
    held = dict(_HELD)
    _HELD.clear()
    return held


def hold(entries: Mapping[Address, Any]) -> None:
    """Hold entries that another process could not keep."""
    _HELD.update(entries)


_HELD: dict[Address, Any] = {}


@contextmanager
def _costs_time() -> Iterator[None]:
    """Let a cache that cannot be used cost time, not the result; say so once."""
    try:
        yield
    except UNUSABLE as error:
        if parent_process() is None:
            _tell(getattr(error, "strerror", None) or str(error) or type(error).__name__)


@cache
def _tell(reason: str) -> None:
    tell([f"the cache cannot be used, so nothing is kept: {reason}"])


UNUSABLE = OSError, sqlite3.Error, pickle.PickleError, EOFError, diskcache.Timeout
"""What a cache raises on a disk that is full, broken or read-only."""


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
    with suppress(OSError), journal().open("ab", buffering=0) as file:
        file.write(json.dumps(line).encode() + b"\n")
