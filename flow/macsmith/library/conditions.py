"""What figures assume beyond a library, where nothing is laid out: wires, and who times them."""

import math
from dataclasses import dataclass

from macsmith.contract.errors import UserError, nearest

WIRES = ("none", "library", "fanout")
ENGINES = ("macsmith", "opensta")


@dataclass(frozen=True)
class Conditions:
    """What a user may choose of how netlists are timed and their energies found.

    Members
    -------
    wires
        ``none``; ``library``, its default wire-load model, or lengths by fanout where it has none;
        ``fanout``, lengths by fanout whatever the library says, or ``fanout=C`` with C fF per um.
    timing_engine
        ``macsmith``, our own, or ``opensta``, which must be installed.
    clock_tree
        Whether energies include a clock tree of the library's buffers, which is modelled.
    """

    wires: str = "library"
    timing_engine: str = "macsmith"
    clock_tree: bool = False

    def __post_init__(self) -> None:
        kind, given, value = self.wires.partition("=")
        if kind not in WIRES or (given and kind != "fanout"):
            hint = nearest(kind, WIRES)
            raise UserError(
                f"wires must be {', '.join(WIRES)} or fanout=C with C in fF per um, not "
                f"{self.wires!r}; {hint}"
            )
        if given and not _is_positive(value):
            raise UserError(f"wires must have a capacitance above 0 fF per um, not {value!r}")
        if self.timing_engine not in ENGINES:
            raise UserError(
                f"timing-engine must be {' or '.join(ENGINES)}, not {self.timing_engine!r}"
            )

    @property
    def ff_per_um(self) -> float | None:
        """The capacitance per length that the user gave, or None."""
        value = self.wires.partition("=")[2]
        return float(value) if value else None


def _is_positive(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False
