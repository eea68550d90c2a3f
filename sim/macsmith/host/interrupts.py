"""Interrupts that are not lost: one that comes while Python runs a finaliser comes again.

Whatever a finaliser raises, Python tells of it and goes on, and that is where designs of many small
objects spend some of their time.
"""

import signal
import sys
from typing import Any

AGAIN_S = 0.05
"""Seconds after which a lost interrupt comes again; most finalisers are over then."""


def keep_interrupts() -> None:
    """Have this process take each interrupt, for the rest of its time."""
    signal.signal(signal.SIGALRM, _interrupt)
    sys.unraisablehook = _told


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _told(unraisable: "sys.UnraisableHookArgs") -> None:
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
    else:
        sys.__unraisablehook__(unraisable)
