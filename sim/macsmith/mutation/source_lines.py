"""The lines of Python that cells come from, also of cells that Yosys made."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_PATH = re.compile(r".*/((?:macsmith|amaranth)/)")

STEPS = 8
"""Cells that are passed on the way to one that has a line."""


class Lines:
    """The lines of cells; one without takes that of the nets it drives, or of the cells behind.

    Yosys gives no lines to multiplexers that it makes of processes.

    Parameters
    ----------
    design:
        Yosys' JSON of a design.
    """

    def __init__(self, design: Mapping[str, Any]) -> None:
        self._modules = design["modules"]

    def of(self, module: str, cell: str) -> tuple[str, ...]:
        """Return the lines of a cell, or none if nothing near it has any."""
        cells, nets = self._modules[module]["cells"], self._modules[module]["netnames"]
        waiting = {cell}
        for _ in range(STEPS):
            driven = {
                bit
                for name in waiting
                for port, bits in cells[name]["connections"].items()
                if cells[name].get("port_directions", {}).get(port) == "output"
                for bit in bits
            }
            found = [cells[name]["attributes"].get("src", "") for name in sorted(waiting)]
            found += [net["attributes"].get("src", "") for net in nets.values()
                      if driven & set(net["bits"])]  # fmt: skip
            if lines := shortened(filter(None, found)):
                return lines
            waiting = {
                name
                for name, reader in cells.items()
                if any(driven & set(bits) for bits in reader["connections"].values())
            } - waiting
        return ()


def shortened(sources: Iterable[str]) -> tuple[str, ...]:
    """Return ``file:line`` from the room on, each once, of Yosys' attributes."""
    lines = (line for source in sources for line in source.split("|"))
    return tuple(dict.fromkeys(_PATH.sub(r"\1", line) for line in lines))
