"""A timing diagram as a table of plain text, and as WaveDrom reads it.

Cycles in which nothing changes but the number of the beat are left out, so that a long stretch of
beats is a few columns.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from macsmith.bundle.shipped_design import CLOCK

GAP = "..."
"""What stands for cycles that are left out."""

LONGEST = 6
"""Cycles that go on alike and are all shown; of more the first two and the last."""

_NUMBERED = re.compile(r"^(\D+ )(\d+)$")


@dataclass(frozen=True)
class Waves:
    """Signals of a simulation by name, in order, each with its text in every cycle.

    Handshake lines are ``0`` or ``1``. A payload is the name of a beat where one is offered, such
    as ``beat 0``, else empty.
    """

    signals: Mapping[str, Sequence[str]]

    @cached_property
    def shown(self) -> list[int | None]:
        """The cycles that are shown, in order, None where some are left out."""
        found: list[int | None] = []
        start, cycles = 0, max(map(len, self.signals.values()))
        for cycle in range(1, cycles + 1):
            if cycle < cycles and self._goes_on(cycle):
                continue
            if cycle - start > LONGEST:
                found += [start, start + 1, None, cycle - 1]
            else:
                found += range(start, cycle)
            start = cycle
        return found

    def _goes_on(self, cycle: int) -> bool:
        """Return whether a cycle differs from the one before in numbers of beats at the most."""
        return all(_follows(row[cycle - 1], row[cycle]) for row in self.signals.values())

    @property
    def text(self) -> str:
        """A table of plain text, a column a cycle."""
        rows = {"cycle": self._cells(list(map(str, range(max(map(len, self.signals.values()))))))}
        rows |= {name: self._cells(row) for name, row in self.signals.items()}
        names = max(map(len, rows))
        widths = [max(map(len, column)) for column in zip(*rows.values(), strict=True)]
        lines = (
            f"{name:{names}}  "
            + "  ".join(f"{one:{width}}" for one, width in zip(row, widths, strict=True))
            for name, row in rows.items()
        )
        return "\n".join(line.rstrip() for line in lines)

    def _cells(self, row: Sequence[str]) -> list[str]:
        return [GAP if cycle is None else row[cycle] for cycle in self.shown]

    @property
    def wavedrom(self) -> str:
        """The same as WaveDrom reads it, a name and a wave for each signal."""
        clock = "".join("|" if cycle is None else "." for cycle in self.shown)
        signal: list[dict[str, Any]] = [{"name": CLOCK, "wave": f"p{clock[1:]}"}]
        for name, row in self.signals.items():
            wave, data = _wave(self._cells(row), bits=set(row) <= {"0", "1"})
            signal.append({"name": name, "wave": wave} | ({"data": data} if data else {}))
        return json.dumps({"signal": signal}, indent=1) + "\n"


def _follows(before: str, after: str) -> bool:
    """Return whether a text is the one before, or its next number."""
    if before == after:
        return True
    last, this = _NUMBERED.match(before), _NUMBERED.match(after)
    if last is None or this is None:
        return False
    return last[1] == this[1] and int(last[2]) + 1 == int(this[2])


def _wave(cells: Sequence[str], *, bits: bool) -> tuple[str, list[str]]:
    """Return the letters of a signal, and the names of what a payload holds."""
    wave, data, held = "", [], None
    for cell in cells:
        if cell == GAP:
            wave += "|"
        elif cell == held:
            wave += "."
        else:
            held = cell
            wave += cell if bits else "=" if cell else "x"
            if cell and not bits:
                data.append(cell)
    return wave, data
