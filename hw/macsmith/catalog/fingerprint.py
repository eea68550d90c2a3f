"""A short name of a unit's hardware, by which a record tells whether it is of today's.

What signals and submodules are called makes no hardware, so names are left out: a record of hours
outlives a better name.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from macsmith.catalog.catalog import rtlil

LENGTH = 24
"""Hexadecimal digits: 96 bits, of which no two of some thousand designs have the same."""

_NAME = re.compile(r'(?<![\w$\\])[\\$][^\s"]+')
_NUMBERED = ("wire", "cell", "memory", "process")


def fingerprint(name: str, spec: Any, boundary: str = "unit") -> str:
    """Return the head of the SHA-256 of a unit's RTLIL without names, cut at a boundary."""
    return fingerprint_of(rtlil(name, spec, boundary))


def fingerprint_of(text: str) -> str:
    """Return the same of RTLIL that is at hand, with top module ``unit``."""
    return hashlib.sha256(without_names(text).encode()).hexdigest()[:LENGTH]


def without_names(text: str) -> str:
    """Return RTLIL whose names are numbers in the order in which things are declared.

    Ports of the top module keep theirs.
    """
    numbers = _numbers(text)
    places = {name: place for place, name in enumerate(numbers)}
    lines: list[str] = []
    inner: Mapping[str, str] = {}
    ports: Mapping[str, str] = {}
    for line in text.splitlines():
        words = line.split()
        match words:
            case ["module", name]:
                inner = numbers[name]
                line = f"module {places[name]} {'' in inner}"
            case ["cell", kind, name]:
                ports = numbers.get(kind, {})
                line = f"cell {places.get(kind, kind)} {inner[name]}"
            case ["connect", port, *_] if line.startswith("    "):
                rest = line.split(None, 2)[2]
                line = f"connect {ports.get(port, port)} {_put(inner, rest)}"
            case ["attribute", *_]:
                pass
            case _:
                line = _put(inner, line)
        lines.append(line)
    return "\n".join(lines)


def _put(numbers: Mapping[str, str], text: str) -> str:
    return _NAME.sub(lambda found: numbers.get(found[0], found[0]), text)


def _numbers(text: str) -> dict[str, dict[str, str]]:
    """Return the numbers of what each module declares; a top module has an empty name as well."""
    modules: dict[str, dict[str, str]] = {}
    inner: dict[str, str] = {}
    is_top = False
    for line in text.splitlines():
        words = line.split()
        if words[:2] == ["attribute", "\\top"]:
            is_top = True
        elif words[:1] == ["module"]:
            inner = modules.setdefault(words[1], {})
            if is_top:
                inner[""] = ""
            is_top = False
        elif words and words[0] in _NUMBERED:
            kept = "" in inner and ("input" in words or "output" in words)
            inner[words[-1]] = words[-1] if kept else f"#{len(inner)}"
    return modules
