"""How long the commands take, and how fast the engines are: ``python -m benchmarks.speed``.

Times of one run on one machine; what carries over to another is the ratio to the first row.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from macsmith.catalog.catalog import build, compared, make_spec
from macsmith.golden.catalog import golden
from macsmith.operands.batches import Batch
from macsmith.operands.mac_source import MacSource
from macsmith.rtl.emit import to_rtlil
from macsmith.rtlsim.bulk_engine import CompiledEngine, Engine, GatesEngine

Row = tuple[str, float, str]


def seconds(*words: str, cache: str) -> float:
    """Return how long a ``macsmith`` command takes with its cache in ``cache``."""
    command = [sys.executable, "-m", "macsmith.cli", *words]
    start = time.perf_counter()
    subprocess.run(
        command, env=os.environ | {"MACSMITH_CACHE": cache}, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - start


def commands(tech: str | None) -> Iterator[Row]:
    """Time list, generate, and compare without and with its cache."""
    with TemporaryDirectory() as cache:
        yield "list", seconds("list", cache=cache), "1.2 s at most"
        for name in compared():
            yield f"generate {name}", seconds("generate", name, cache=cache), "2 s at most"
        where = ("--tech", tech) if tech else ()
        yield "compare, cold", seconds("compare", *where, cache=cache), "150 s at most"
        yield "compare, cached", seconds("compare", *where, cache=cache), "3 s at most"


def engines() -> Iterator[Row]:
    """Time a million beats of `data-gated` on each engine, building it included and not."""
    spec = make_spec("data-gated")
    unit = build("data-gated", spec)
    rtlil = to_rtlil(unit, "unit")
    widths = len(unit.i.payload.as_value()), len(unit.o.payload)
    operands = MacSource(spec, golden("data-gated", spec), 0, np.random.default_rng(1))
    batch = operands.uniform(1 << 16, 16)
    with TemporaryDirectory() as cache:
        os.environ["MACSMITH_CACHE"] = cache
        for kind in (CompiledEngine, GatesEngine):
            start = time.perf_counter()
            engine: Engine = kind(rtlil, *widths)
            engine.stream(spec, [operands.uniform(1, 1)])
            yield f"{engine.engine}: build", time.perf_counter() - start, ""
            yield f"{engine.engine}: 2^20 beats", _run(engine, spec, batch), ""


def _run(engine: Engine, spec: object, batch: Batch) -> float:
    start = time.perf_counter()
    engine.stream(spec, [batch])
    return time.perf_counter() - start


def main(tech: Annotated[str | None, typer.Option(help="As of macsmith compare.")] = None) -> None:
    """Print the times."""
    table = Table(title="times of one run")
    for heading in ("what", "s", "relative", "bound"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    rows = [*commands(tech), *engines()]
    for what, taken, bound in rows:
        table.add_row(what, f"{taken:.2f}", f"{taken / rows[0][1]:.2f}", bound)
    Console(width=100).print(table)


if __name__ == "__main__":
    typer.run(main)
