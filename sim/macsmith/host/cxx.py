"""The machine's C++ compiler: ``c++``, or what ``CXX`` names."""

import os
import shutil
import subprocess
from pathlib import Path

_HERE = Path(__file__).parent


def available() -> bool:
    """Return whether there is one."""
    return shutil.which(_command()) is not None


def whole(source: str, folder: Path = _HERE) -> str:
    """Return C++ with our headers in place of the lines that name them.

    So it needs no search path, and what is kept by its text is made anew if a header changes.

    Parameters
    ----------
    folder:
        Where headers lie, besides those beside this file.
    """
    for header in sorted({*_HERE.glob("*.h"), *folder.glob("*.h")}):
        source = source.replace(f'#include "{header.name}"\n', header.read_text())
    return source


def shared_library(source: Path, library: Path, *options: str) -> None:
    """Compile ``source`` to a shared library, which appears whole or not at all.

    Raises
    ------
    RuntimeError
        If the compiler fails.
    """
    made = source.with_suffix(".so")
    compiled = subprocess.run(
        [_command(), "-std=c++17", "-shared", "-fPIC", *options, "-o", made.name, source.name],
        cwd=source.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if compiled.returncode:
        raise RuntimeError(f"the C++ compiler failed: {compiled.stderr[-2000:]}")
    partial = library.with_suffix(f".{os.getpid()}")
    shutil.copy(made, partial)
    partial.replace(library)


def _command() -> str:
    return os.environ.get("CXX", "c++")
