"""How fast number formats are in numpy: ``python -m benchmarks.number_codes``.

Ten million float32, normally distributed, to each format in each rounding that needs no noise, and
back; seconds of processor time. Ends with status 1 if one takes longer than its bound.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from macsmith.contract.number_format import FORMATS, ROUNDINGS, NumberFormat
from macsmith.formats.number_codes import decode, encode

COUNT = 10_000_000

BOUNDS = {8: 1.0, 32: 3.0}
"""Most seconds, by the bits of a code up to which they hold."""


def seconds(what: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long something takes, and what it gives."""
    start = time.process_time()
    found = what()
    return time.process_time() - start, found


def bound(fmt: NumberFormat) -> float:
    """Return the most seconds of a format."""
    return next(most for bits, most in BOUNDS.items() if fmt.width <= bits)


def main() -> None:
    """Print the times."""
    values = np.random.default_rng(1).normal(size=COUNT).astype(np.float32)
    table = Table("format", "bits", *ROUNDINGS[:4], "decode", "bound")
    late = False
    for fmt in FORMATS.values():
        decode(fmt, encode(fmt, values[:10]))
        times = []
        codes: Any = None
        for rounding in ROUNDINGS[:4]:
            encode(fmt, values[:10], rounding)
            taken, codes = seconds(partial(encode, fmt, values, rounding))
            times.append(taken)
        times.append(seconds(partial(decode, fmt, codes))[0])
        late |= max(times) > bound(fmt)
        shown = [f"{taken:.2f}" for taken in times]
        table.add_row(fmt.name, str(fmt.width), *shown, f"{bound(fmt):.0f}")
    Console().print(table)
    sys.exit(late)


if __name__ == "__main__":
    main()
