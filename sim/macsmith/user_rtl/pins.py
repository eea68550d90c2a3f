"""Pins of a module as a map of its ports writes them: ``a``, ``in[15:8]``, ``!rst_n``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from macsmith.contract.errors import UserError, nearest

_FORM = re.compile(r"(!?)([A-Za-z_][\w$]*)(?:\[(\d{1,5})(?::(\d{1,5}))?\])?")


@dataclass(frozen=True)
class Port:
    """A port of a module: bits, and whether it is an input."""

    width: int
    is_input: bool


@dataclass(frozen=True)
class Pins:
    """Neighbouring bits of a port.

    Members
    -------
    port
        Its name.
    low, width
        The lowest bit, 0 being the port's own lowest, and how many there are.
    inverted
        Whether what they mean is true where they are 0; of single bits alone.
    """

    port: str
    low: int
    width: int
    inverted: bool = False

    @classmethod
    def parse(cls, role: str, text: object, ports: Mapping[str, Port], *, is_input: bool) -> Self:
        """Return the pins that a role of a map has.

        Raises
        ------
        UserError
            If it is no port, one of another direction, or has not these bits.
        """
        match = _FORM.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise UserError(f"{role} must be port, port[bit], port[high:low] or !bit, not {text!r}")
        inverted, name, high, low = match.groups()
        fitting = [one for one, port in ports.items() if port.is_input is is_input]
        if name not in fitting:
            kind = "an input" if is_input else "an output"
            hint = nearest(name, fitting) if fitting else "there is none"
            raise UserError(f"{role} must be {kind} of the module, not {name!r}; {hint}")
        width = ports[name].width
        first, last = (width - 1, 0) if high is None else (int(high), int(low or high))
        if not width > first >= last:
            raise UserError(
                f"{role} must have bits of {name}[{width - 1}:0], the higher first, not {text!r}"
            )
        if inverted and first > last:
            raise UserError(f"{role} must be a single bit to be inverted, not {text!r}")
        return cls(name, last, first - last + 1, bool(inverted))

    def __str__(self) -> str:
        high = self.low + self.width - 1
        return f"{'!' * self.inverted}{self.port}[{high}:{self.low}]"

    @property
    def bits(self) -> range:
        """The bits of the port."""
        return range(self.low, self.low + self.width)
