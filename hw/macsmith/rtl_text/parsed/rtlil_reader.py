"""Reads RTLIL, as Amaranth writes it, into modules.

The language: https://yosyshq.readthedocs.io, "RTLIL text representation".
"""

import re
from collections.abc import Iterator

from macsmith.rtl_text.parsed.modules import (
    ANY,
    ONE,
    ZERO,
    Assign,
    Bits,
    Case,
    Cell,
    Memory,
    RtlModule,
    Statement,
    Switch,
    Wire,
)

_TOKEN = re.compile(r"\{|\}|\[[^\]]*\]|[^\s{}\[\]]+")
_CONSTANTS = {"0": ZERO, "1": ONE, "x": ANY, "-": ANY, "z": ANY}


def read_rtlil(text: str) -> dict[str, RtlModule]:
    """Return the modules of a design by their names, in the order in which they are written."""
    lines = (stripped for line in text.splitlines() if (stripped := line.strip()))
    modules: dict[str, RtlModule] = {}
    for line in lines:
        keyword, _, rest = line.partition(" ")
        if keyword == "module":
            module = _Reader(rest.strip(), lines).module
            modules[module.name] = module
    return modules


class _Reader:
    """Reads one module up to its end."""

    def __init__(self, name: str, lines: Iterator[str]) -> None:
        self.module = RtlModule(_name(name))
        self._lines = lines
        for line in lines:
            keyword, _, rest = line.partition(" ")
            if keyword == "end":
                return
            if keyword != "attribute":
                getattr(self, f"_{keyword}")(rest.strip())

    def _wire(self, rest: str) -> None:
        words = rest.split()
        name = _name(words[-1])
        width = int(words[words.index("width") + 1]) if "width" in words else 1
        direction = next((word for word in ("input", "output", "inout") if word in words), "")
        self.module.wires[name] = Wire(name, width, direction)

    def _memory(self, rest: str) -> None:
        words = rest.split()
        name = _name(words[-1])
        width, depth = (int(words[words.index(key) + 1]) for key in ("width", "size"))
        self.module.memories[name] = Memory(name, width, depth)

    def _cell(self, rest: str) -> None:
        kind, name = rest.split()
        cell = Cell(_name(kind), _name(name))
        for line in self._lines:
            keyword, _, inner = line.partition(" ")
            if keyword == "end":
                break
            words = inner.strip().partition(" ")
            if keyword == "parameter":
                name, _, value = inner.removeprefix("signed ").strip().partition(" ")
                cell.parameters[_name(name)] = _value(value)
            elif keyword == "connect":
                cell.ports[_name(words[0])] = self._bits(words[2])
        # Of operators whose results have no bits nothing is read.
        if cell.is_instance or cell.ports.get("Y") != ():
            self.module.cells.append(cell)

    def _connect(self, rest: str) -> None:
        tokens = _TOKEN.findall(rest)
        target = self._word(tokens)
        self.module.connects.append((target, self._word(tokens)))

    def _process(self, _: str) -> None:
        self.module.processes.append(list(self._statements()))

    def _statements(self) -> Iterator[Statement]:
        """Yield statements up to the line that ends them."""
        for line in self._lines:
            keyword, _, rest = line.partition(" ")
            if keyword == "end":
                return
            if keyword == "assign":
                tokens = _TOKEN.findall(rest)
                target = self._word(tokens)
                yield Assign(target, self._word(tokens))
            elif keyword == "switch":
                yield self._switch(rest)

    def _switch(self, rest: str) -> Switch:
        switch = Switch(self._bits(rest))
        nested: list[list[Statement]] = []
        for line in self._lines:
            keyword, _, inner = line.partition(" ")
            if keyword == "end":
                break
            if keyword == "case":
                patterns = tuple(one.strip().partition("'")[2] for one in inner.split(",") if one)
                switch.cases.append(Case(patterns))
                nested.append(switch.cases[-1].statements)
            elif keyword == "assign":
                tokens = _TOKEN.findall(inner)
                target = self._word(tokens)
                nested[-1].append(Assign(target, self._word(tokens)))
            elif keyword == "switch":
                nested[-1].append(self._switch(inner))
        return switch

    def _bits(self, text: str) -> Bits:
        return self._word(_TOKEN.findall(text))

    def _word(self, tokens: list[str]) -> Bits:
        """Take a word off the front of a list of tokens."""
        token = tokens.pop(0)
        if token == "{":
            parts: list[Bits] = []
            while tokens[0] != "}":
                parts.append(self._word(tokens))
            tokens.pop(0)
            return tuple(bit for part in reversed(parts) for bit in part)
        if token[0] in "\\$":
            bits = self.module.wires[_name(token)].bits
        else:
            bits = tuple(_CONSTANTS[digit] for digit in reversed(token.partition("'")[2]))
        while tokens and tokens[0].startswith("["):
            high, _, low = tokens.pop(0).strip("[] ").partition(":")
            bits = bits[int(low or high) : int(high) + 1]
        return bits


def _name(token: str) -> str:
    return token.removeprefix("\\")


def _value(text: str) -> str | int:
    """Return a parameter: a number, or the bits of a constant, highest first."""
    if text.startswith('"'):
        return text.strip('"').lstrip("\\")
    width, mark, digits = text.partition("'")
    if not mark:
        return int(width)
    return int(digits, 2) if set(digits) <= {"0", "1"} else 0
