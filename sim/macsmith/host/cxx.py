"""The machine's C++ compiler: ``c++``, or what ``CXX`` names."""

import os
import shutil
from pathlib import Path

from macsmith.host.tool_error import run_tool

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


def shared_library(source: Path, *options: str) -> Path:
    """Compile ``source`` to a shared library beside it, and return its path.

    Options may be object files that are linked in.

    Raises
    ------
    ToolError
        If the compiler fails.
    """
    return _compiled(source, ".so", "-shared", *options)


def object_file(source: Path, *options: str) -> Path:
    """Compile ``source`` to an object file of shared libraries beside it, and return its path.

    Raises
    ------
    ToolError
        If the compiler fails.
    """
    return _compiled(source, ".o", "-c", *options)


def _compiled(source: Path, suffix: str, *options: str) -> Path:
    made = source.with_suffix(suffix)
    # Sources stand before the object files among the options, which are linked in this order.
    command = [_command(), "-std=c++17", "-fPIC", "-o", made.name, source.name, *options]
    run_tool("the C++ compiler", command, source.parent)
    return made


def _command() -> str:
    return os.environ.get("CXX", "c++")
