"""RTLIL with the names that its Verilog has, so that registers of both are known by name."""

import re
from collections.abc import Mapping


def renamed(rtlil: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """Return a design with the nets and instances of each module called as in its Verilog."""
    lines: list[str] = []
    called: Mapping[str, str] | None = None
    kind = ""
    for line in rtlil.splitlines():
        words = line.split()
        if words[:1] == ["module"]:
            called = names.get(_name(words[1]))
        if words[:1] == ["cell"]:
            kind = _name(words[1])
        if called is not None and words[:2] == ["parameter", r"\MEMID"]:
            memory = words[2].strip('"').removeprefix("\\" * 2)
            line = rf'    parameter \MEMID "\{_put(called, memory)}"'
        if called is not None and (start := _untouched(line, words)):
            head = re.match(rf"\s*(\S+\s+){{{start}}}", line)
            assert head is not None
            first = head[0]
            if start == 2 and words[0] == "connect" and kind in names:
                first = f"    connect {_put(names[kind], words[1])} "
            rest = [
                _put(called, token) if token.startswith("\\") else token
                for token in re.split(r"(\s+)", line[head.end() :])
            ]
            line = first + "".join(rest)
        lines.append(line)
    return "\n".join(lines) + "\n"


def _name(token: str) -> str:
    return token.removeprefix("\\")


def _put(called: Mapping[str, str], token: str) -> str:
    """Return a name of the Verilog; what that has not must not be taken for something it has."""
    return "\\" + called.get(_name(token), f"{_name(token)}$gone")


def _untouched(line: str, words: list[str]) -> int:
    """Return how many words a line begins with that name no net; none if it names none at all."""
    match words:
        case ["wire" | "cell" | "memory", *_]:
            return len(words) - 1
        case ["connect", *_]:
            return 2 if line.startswith("    ") else 1
        case ["assign" | "switch", *_]:
            return 1
    return 0
