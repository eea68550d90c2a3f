"""Our multipliers and MACs beside operators and other people's Verilog, in one run.

``python -m benchmarks.qor.beside LIBRARY ...``: each side gets the search of `macsmith measure
--effort`, the same recipes and the same number of netlists, timed by OpenSTA. The operators ``a *
b`` and ``acc + a * b`` are what Yosys makes of them by each of its options. Of a folder of Verilog
every file is a multiplier without a clock, whose module has the file's name; it is set beside ours
of its widest input.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from rich.console import Console
from rich.table import Table

from benchmarks.qor.front_ratios import Point, Ratios, ratios_of
from macsmith.catalog.catalog import FOREIGN, make_spec
from macsmith.contract.modes import Mode
from macsmith.contract.unit import UnitSpec
from macsmith.figures import record_file
from macsmith.figures.macs.beside_operators import BESIDE_OPERATORS
from macsmith.figures.provenance import commit_of, run_of
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import Job, Result, measured
from macsmith.jobs.portfolio import search
from macsmith.library.resolve import resolve
from macsmith.library.technology import Conditions, Technology
from macsmith.rtl.emit import to_verilog
from macsmith.user_rtl.entry import Given, specification

CONDITIONS = Conditions(timing_engine="opensta")
HEADROOM = 4
"""Guard bits of the accumulators."""

CHECKOUT = Path(__file__).parents[2]


class Product(wiring.Component):
    """``act * weight`` as an operator, unsigned."""

    act: Signal
    weight: Signal
    result: Signal

    def __init__(self, width: int) -> None:
        super().__init__({"act": In(width), "weight": In(width), "result": Out(2 * width)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += self.result.eq(self.act * self.weight)
        return m


class Accumulator(wiring.Component):
    """``acc + act * weight`` as operators, unsigned; it begins anew on ``first``."""

    act: Signal
    weight: Signal
    first: Signal
    acc: Signal

    def __init__(self, width: int) -> None:
        bits = 2 * width + HEADROOM
        super().__init__({"act": In(width), "weight": In(width), "first": In(1), "acc": Out(bits)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        held = Signal(len(self.acc), reset_less=True)
        m.d.comb += self.acc.eq(held)
        m.d.sync += held.eq(Mux(self.first, 0, held) + self.act * self.weight)
        return m


@dataclass(frozen=True)
class Contest:
    """Two units that do the same: ours at a boundary, and theirs."""

    kind: str
    width: int
    against: str
    ours: UnitSpec
    boundary: str
    theirs: tuple[str, UnitSpec]


def ours_of(kind: str, width: int) -> tuple[UnitSpec, str]:
    """Return our unit of a kind and width, unsigned, and the boundary at which it is cut."""
    mode = Mode(act_bits=width, weight_bits=width)
    common = {"act_width": width, "weight_width": width, "weight_signed": False, "modes": (mode,),
              "headroom": HEADROOM}  # fmt: skip
    if kind == "multiplier":
        return make_spec("data-gated", common), "multiplier"
    return make_spec("data-gated", {**common, "stages": 1, "stall": "none"}), "core"


def contests(
    multipliers: Sequence[int], macs: Sequence[int], folder: Path | None, work: Path
) -> Iterator[Contest]:
    """Yield what is to be compared."""
    for kind, widths in (("multiplier", multipliers), ("MAC", macs)):
        for width in widths:
            component = Product(width) if kind == "multiplier" else Accumulator(width)
            file = work / f"{kind}{width}.v"
            file.write_text(to_verilog(component, f"{kind}{width}"))
            yield Contest(kind, width, "Yosys", *ours_of(kind, width), _given(file))
    for file in sorted(folder.glob("*.v")) if folder else ():
        name, spec = _given(file)
        width = max(port.width for _, port in spec.ports if port.is_input)
        yield Contest("multiplier", width, file.stem, *ours_of("multiplier", width), (name, spec))


def _given(file: Path) -> tuple[str, Any]:
    given = Given(files=[file], top=file.stem)
    return f"{FOREIGN}{file.stem}", specification(given)


def compare(one: Contest, technology: Technology, effort: int) -> dict[str, Any]:
    """Return the fronts of both sides and their ratios, as a record."""

    def results(jobs: Sequence[Job]) -> list[Result]:
        measure(jobs, technology)
        return [measured(job, technology) for job in jobs]

    def front(name: str, spec: UnitSpec, boundary: str) -> list[Point]:
        jobs = search({name: spec}, [boundary], technology, effort, results)
        return [
            Point(job.label, result["area"], result["period"], job.spec.parameters())
            for job, result in zip(jobs, results(jobs), strict=True)
        ]

    ours = front("data-gated", one.ours, one.boundary)
    theirs = front(*one.theirs, "core")
    ratios = ratios_of(ours, theirs)
    return {
        "library": technology.name, "kind": one.kind, "width": one.width, "against": one.against,
        "effort": effort, "ours": [point._asdict() for point in ours],
        "theirs": [point._asdict() | {"parameters": {}} for point in theirs],
        **ratios._asdict(),
    }  # fmt: skip


def show(console: Console, records: Sequence[Mapping[str, Any]]) -> None:
    """Print the ratios, ours over theirs."""
    table = Table(title=f"ours over theirs, {records[0]['library']}")
    for heading in ("kind", "width", "against", *Ratios._fields):
        table.add_column(heading.replace("_", " "))
    for one in records:
        table.add_row(
            one["kind"], str(one["width"]), one["against"],
            *(f"{one[key]:.3f}" for key in Ratios._fields),
        )  # fmt: skip
    console.print(table)


def main(
    libraries: Annotated[list[str], typer.Argument(help="Technologies, as of macsmith measure.")],
    multipliers: Annotated[str, typer.Option(help="Widths of multipliers.")] = "4,8,12,16,24,32",
    macs: Annotated[str, typer.Option(help="Widths of MACs of one stage.")] = "8,16",
    effort: Annotated[int, typer.Option(help="Of the search on both sides, 1 to 5.")] = 3,
    verilog: Annotated[
        Path | None, typer.Option(help="Folder of multipliers in Verilog, of other people.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Compare our multipliers and MACs with operators and with other people's Verilog."""
    console, runs = Console(), []
    widths = [[int(word) for word in text.split(",") if word] for text in (multipliers, macs)]
    with TemporaryDirectory() as work:
        for library in libraries:
            technology = resolve(library, CONDITIONS)
            found = []
            for one in contests(widths[0], widths[1], verilog, Path(work)):
                found.append(compare(one, technology, effort))
                show(console, found[-1:])
            show(console, found)
            runs.append(run_of(found, technology, commit_of(CHECKOUT)))
    if output:
        record_file.write(output, {BESIDE_OPERATORS.name: runs})


if __name__ == "__main__":
    typer.run(main)
