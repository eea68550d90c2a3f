"""The tools that come as WebAssembly wheels, one child process a run, and their versions."""

import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from macsmith.contract.errors import UserError
from macsmith.host.tool_error import run_tool

_CHILD = """\
import importlib, sys
package, function, *arguments = sys.argv[1:]
sys.exit(getattr(importlib.import_module(package), function)(arguments))
"""


def require(package: str, purpose: str) -> None:
    """Check that a package of the extra ``fpga`` is installed.

    Raises
    ------
    UserError
        If it is not.
    """
    if importlib.util.find_spec(package) is None:
        raise UserError(
            f"board must have {package.replace('_', '-')} to {purpose}, which is not installed; "
            "pip install 'macsmith[fpga]' installs it"
        )


def run(package: str, function: str, arguments: Sequence[str], folder: Path) -> None:
    """Run a tool with ``folder`` as its working directory.

    It sees a temporary folder of its own in the place of /tmp, so files are named relative to
    ``folder``.

    Parameters
    ----------
    package, function:
        Where the tool's entry lies; it takes arguments and returns an exit status.

    Raises
    ------
    ToolError
        If the status is not zero.
    """
    run_tool(function, [sys.executable, "-c", _CHILD, package, function, *arguments], folder)


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of those packages that are installed as such."""
    found = {}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
