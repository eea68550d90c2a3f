"""What it takes to write arrays as Verilog: ``python -m benchmarks.generate``.

Each command runs in a process of its own: seconds of processor time, which other processes do not
change as they do those on the clock, peak resident memory, size and modules of the file. Plain
Amaranth is the same classic array with each PE a submodule, as one would write it first; it
elaborates and writes every PE, so a smaller grid stands for it.
What carries over to another machine is the ratio to plain Amaranth, a PE.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import typer
from amaranth import Elaboratable, Module, Signal, signed
from amaranth.back import verilog
from rich.console import Console
from rich.table import Table

PLAIN = 16
"""Side of the grid that plain Amaranth writes."""

BOUNDS = {64: (5.0, 1024, 2.0), 128: (15.0, None, None)}
"""Of a square grid of PEs of 1x1x1: most seconds, MiB of memory and MB of Verilog."""


@dataclass(frozen=True)
class Written:
    """A Verilog file, and what it took."""

    what: str
    pes: int
    seconds: float
    elapsed: float
    memory_mib: float
    text: str

    @property
    def modules(self) -> int:
        """Modules in the file."""
        return len(self._names())

    @property
    def pe_modules(self) -> int:
        """Modules of PEs among them."""
        return sum(bool(re.search(r"[._]pe(_|$)", name)) for name in self._names())

    @property
    def megabytes(self) -> float:
        """Size of the file."""
        return len(self.text.encode()) / 1e6

    @property
    def ms_per_pe(self) -> float:
        """Time for a PE."""
        return 1e3 * self.seconds / self.pes

    def within(self, side: int) -> bool:
        """Return whether it keeps the bounds of its grid; the file holds one module of the PE."""
        seconds, memory, size = BOUNDS[side]
        return (
            self.seconds <= seconds
            and (memory is None or self.memory_mib <= memory)
            and (size is None or self.megabytes <= size)
            and self.pe_modules == 1
        )

    def _names(self) -> list[str]:
        return re.findall(r"^module\s+\\?(\S+?)\s*\(", self.text, re.M)


class PlainPe(Elaboratable):
    """A classic PE: operands pass by, the sum of products stays, and moves on when it is done."""

    def __init__(self) -> None:
        self.act_in, self.act_out = Signal(8), Signal(8)
        self.weight_in, self.weight_out = Signal(signed(8)), Signal(signed(8))
        self.first_in, self.first_out = Signal(), Signal()
        self.sum_in, self.sum_out = Signal(signed(32)), Signal(signed(32))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        acc = Signal(signed(32))
        m.d.sync += [
            self.act_out.eq(self.act_in),
            self.weight_out.eq(self.weight_in),
            self.first_out.eq(self.first_in),
            acc.eq(self.act_out * self.weight_out),
            self.sum_out.eq(self.sum_in),
        ]
        with m.If(~self.first_out):
            m.d.sync += acc.eq(acc + self.act_out * self.weight_out)
        with m.Else():
            m.d.sync += self.sum_out.eq(acc | self.sum_in)
        return m


class PlainGrid(Elaboratable):
    """Rows and columns of `PlainPe`, each a submodule."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.act = [Signal(8, name=f"act_{k}") for k in range(side)]
        self.weight = [Signal(signed(8), name=f"weight_{k}") for k in range(side)]
        self.first = [Signal(name=f"first_{k}") for k in range(side)]
        self.sum = [Signal(signed(32), name=f"sum_{k}") for k in range(side)]

    @property
    def ports(self) -> list[Signal]:
        """All that enters or leaves."""
        return [*self.act, *self.weight, *self.first, *self.sum]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        grid = [[PlainPe() for _ in range(self.side)] for _ in range(self.side)]
        for row, pes in enumerate(grid):
            for column, pe in enumerate(pes):
                m.submodules[f"pe_{row}_{column}"] = pe
                left = pes[column - 1] if column else None
                above = grid[row - 1][column] if row else None
                m.d.comb += [
                    pe.act_in.eq(left.act_out if left else self.act[row]),
                    pe.first_in.eq(left.first_out if left else self.first[row]),
                    pe.weight_in.eq(above.weight_out if above else self.weight[column]),
                    pe.sum_in.eq(pes[column + 1].sum_out if column + 1 < self.side else 0),
                ]
            m.d.comb += self.sum[row].eq(pes[0].sum_out)
        return m


def write_plain(side: int, path: Path) -> None:
    """Write the array of plain Amaranth."""
    grid = PlainGrid(side)
    path.write_text(verilog.convert(grid, name="plain", ports=grid.ports, emit_src=False))


def run(what: str, side: int, code: str, *words: str) -> Written:
    """Run Python code in a process that writes Verilog to its last argument."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "array.v"
        command = [sys.executable, "-c", code, *words, str(path)]
        environment = os.environ | {"MACSMITH_CACHE": folder}
        start = perf_counter()
        process = subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[1])
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = perf_counter() - start
        seconds = usage.ru_utime + usage.ru_stime
        # wait4 has taken the status, so the object must not wait for it again.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{what}: exit status {process.returncode}")
        return Written(
            what, side * side, seconds, elapsed, usage.ru_maxrss / 1024, path.read_text()
        )


def generated(side: int, *settings: str) -> Written:
    """Run ``macsmith generate systolic`` for a square grid."""
    words = ["generate", "systolic", "--set", f"rows={side}", "--set", f"cols={side}"]
    words += [word for setting in settings for word in ("--set", setting)]
    code = "from macsmith.cli.main import main; main()"
    return run(" ".join((f"{side} x {side}", *settings)), side, code, *words, "-o")


def plain(side: int) -> Written:
    """Write the array of plain Amaranth in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from benchmarks.generate import write_plain; "
        "write_plain(int(sys.argv[1]), Path(sys.argv[2]))"
    )
    return run(f"plain Amaranth, {side} x {side}", side, code, str(side))


def rows() -> Iterator[tuple[Written, str]]:
    """Yield each file, and whether it keeps its bounds."""
    yield plain(PLAIN), ""
    yield generated(PLAIN), ""
    for side in BOUNDS:
        one = generated(side)
        yield one, "kept" if one.within(side) else "broken"
    yield generated(64, "a=2", "b=8", "c=2", "sparsity=dbb"), ""


def main() -> None:
    """Print time, memory, size and modules; the exit status tells whether all bounds are kept."""
    table = Table(title="macsmith generate systolic", title_justify="left")
    headings = (
        "array",
        "s",
        "on the clock",
        "MiB",
        "MB",
        "modules",
        "of PEs",
        "ms a PE",
        "relative",
        "bounds",
    )
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "array" else "right")
    found = list(rows())
    reference = found[0][0]
    for one, verdict in found:
        table.add_row(
            one.what, f"{one.seconds:.2f}", f"{one.elapsed:.2f}", f"{one.memory_mib:.0f}",
            f"{one.megabytes:.2f}", str(one.modules), str(one.pe_modules), f"{one.ms_per_pe:.2f}",
            f"{one.ms_per_pe / reference.ms_per_pe:.3f}", verdict,
        )  # fmt: skip
    limits = "; ".join(
        f"{side} x {side}: {seconds:g} s"
        + (f", {memory} MiB" if memory else "")
        + (f", {size:g} MB" if size else "")
        for side, (seconds, memory, size) in BOUNDS.items()
    )
    table.caption = f"bounds: {limits}; one module of the PE"
    Console(width=130).print(table)
    if any(verdict == "broken" for _, verdict in found):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
