"""Files in the cache, by kind and name; one that cannot be used costs time, never the result."""

import ctypes
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from macsmith.host.cache_folder import cache_folder
from macsmith.host.plain_folder import plain_folder


def found(kind: str, name: str) -> Path | None:
    """Return a kept file or folder, or None if there is none or the cache cannot be used."""
    with suppress(OSError):
        path = cache_folder(kind) / name
        if path.exists():
            return path
    return None


def found_text(kind: str, name: str) -> str | None:
    """Return what a kept file says, or None if there is none that can be read."""
    with suppress(OSError, UnicodeDecodeError):
        if (path := found(kind, name)) is not None:
            return path.read_text()
    return None


def keep(kind: str, name: str, made: Path | bytes) -> None:
    """Keep a file, a folder or bytes if that is possible; it appears whole or not at all.

    Where another process has kept the same meanwhile, one is as good as the other.
    """
    with suppress(OSError):
        folder = cache_folder(kind)
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as temporary:
            partial = Path(temporary) / "made"
            if isinstance(made, bytes):
                partial.write_bytes(made)
            elif made.is_dir():
                shutil.copytree(made, partial, symlinks=True)
            else:
                shutil.copy(made, partial)
            partial.rename(folder / name)


def kept_library(name: str, build: Callable[[Path], Path]) -> ctypes.CDLL:
    """Return a shared library, built unless a sound one is kept.

    Parameters
    ----------
    build
        Builds it in the folder that it is given, which is gone afterwards, and returns its path.
    """
    if (kept := found("compiled", name)) is not None:
        with suppress(OSError):  # half of a file, or one of another machine
            return ctypes.CDLL(str(kept))
    with plain_folder() as folder:
        made = build(folder)
        keep("compiled", name, made)
        return ctypes.CDLL(str(made))
