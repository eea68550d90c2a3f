"""Our cores against published RTL of the same designs: ``python -m benchmarks.qor``.

The reference is a CSV file with columns library, unit, parameters, recipe, area_um2, period_ns, in
which a line that begins with # is a comment. Each design in it that the catalogue has is
synthesised at the core boundary by every recipe, with each of `ADDERS`, with and without adder
cells, and timed by OpenSTA. The best area x period of all is set against the reference's best, and
the least area by the recipe for area against the reference's. With ``--check`` the netlist of the
best area x period runs the bench and the test that what is idle stands still.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import geometric_mean
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.qor.check import Verdict, check
from benchmarks.qor.operators import OperatorMac
from macsmith.catalog.catalog import FOREIGN, build, compared, make_spec
from macsmith.figures import record_file
from macsmith.figures.macs.quality_of_result import BESIDE_PUBLISHED, RATIOS
from macsmith.figures.provenance import commit_of, run_of
from macsmith.host.threads import in_threads
from macsmith.jobs.measure import measure
from macsmith.jobs.netlist_job import jobs_for
from macsmith.library import resolve
from macsmith.library.technology import Conditions, Technology
from macsmith.mac.spec import MacSpec
from macsmith.records.in_units import area, period
from macsmith.records.selection import product
from macsmith.rtl.emit import to_rtlil, to_verilog
from macsmith.synthesis.mapped_netlist import MappedNetlist
from macsmith.synthesis.yosys_abc import Recipe, synthesise
from macsmith.timing.timing import minimum_period
from macsmith.user_rtl.entry import Given, specification

CONDITIONS = Conditions(timing_engine="opensta")
"""As the reference was timed."""

ADDERS = ("auto", "ripple")
"""Final adders that are tried: the fastest, and the smallest."""

CRITERIA = ("registers", "cones")
"""What is asked of idle nets; see `macsmith.verify.idle_logic`."""

Design = tuple[str, str]
"""Unit and parameters as the reference writes them."""


@dataclass(frozen=True)
class Point:
    """Area and period of one netlist."""

    recipe: str
    area_um2: float
    period_ns: float
    adder: str = ""
    adder_cells: bool = False

    @property
    def cost(self) -> float:
        """Area x period."""
        return self.area_um2 * self.period_ns


@dataclass(frozen=True)
class Comparison:
    """One design on one library: our netlists and the reference's."""

    library: str
    unit: str
    parameters: str
    ours: list[Point]
    theirs: list[Point]

    @property
    def best(self) -> Point:
        """Our netlist of least area x period."""
        return min(self.ours, key=lambda point: point.cost)

    @property
    def best_theirs(self) -> Point:
        """The reference's netlist of least area x period."""
        return min(self.theirs, key=lambda point: point.cost)

    @property
    def ratio(self) -> float:
        """Our least area x period over the reference's."""
        return self.best.cost / self.best_theirs.cost

    @property
    def area_ratio(self) -> float:
        """Our area over the reference's, both by the recipe for area."""
        return _area(self.ours) / _area(self.theirs)


def _area(points: Iterable[Point]) -> float:
    return min(point.area_um2 for point in points if point.recipe == Recipe.AREA)


def read_reference(path: Path, library: str) -> dict[Design, list[Point]]:
    """Return the reference's netlists of each design on a library."""
    designs: dict[Design, list[Point]] = defaultdict(list)
    with path.open() as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            if row["library"] == library:
                point = Point(row["recipe"], float(row["area_um2"]), float(row["period_ns"]))
                designs[row["unit"], row["parameters"]].append(point)
    return dict(designs)


def spec_of(design: Design, adder: str) -> MacSpec:
    """Return the specification of a design."""
    unit, parameters = design
    values = dict(field.split("=") for field in parameters.split(";") if field)
    numbers = {name: int(value) for name, value in values.items()}
    return make_spec(unit, {**numbers, "adder": adder})


def rtl(design: Design, adder: str) -> str:
    """Return the core of a design as RTLIL."""
    return to_rtlil(build(design[0], spec_of(design, adder), "core"), "core")


def synthesised(
    text: str,
    recipe: Recipe,
    adder_cells: bool,
    technology: Technology,
    folder: str,
) -> MappedNetlist:
    """Return the netlist of a core by one recipe."""
    return synthesise(
        text, "core", technology, recipe, Path(folder),
        leaf_cells=adder_cells, clock_gates=technology.clock_gate is not None,
    )  # fmt: skip


def measured(
    text: str,
    adder: str,
    recipe: Recipe,
    adder_cells: bool,
    technology: Technology,
) -> Point:
    """Return area and period of a core by one recipe."""
    with TemporaryDirectory() as folder:
        netlist = synthesised(text, recipe, adder_cells, technology, folder)
        timing = minimum_period(netlist, technology)
    return Point(str(recipe), netlist.area_um2, timing.period_ns, adder, adder_cells)


def compare(
    reference: Path, library: str, technology: Technology, names: Sequence[str]
) -> list[Comparison]:
    """Synthesise and compare the designs of a library; ``names`` limits them, () is all."""
    theirs = {
        design: points
        for design, points in read_reference(reference, library).items()
        if design[0] in compared() and (not names or design[0] in names)
    }
    cells = (False, True) if technology.full_adder else (False,)
    texts = {(design, adder): rtl(design, adder) for design in theirs for adder in ADDERS}
    jobs = [(*text, recipe, cell) for text in texts for recipe in Recipe for cell in cells]

    def run(job: tuple[Design, str, Recipe, bool]) -> Point:
        design, adder, recipe, cell = job
        return measured(texts[design, adder], adder, recipe, cell, technology)

    ours: dict[Design, list[Point]] = defaultdict(list)
    points = in_threads([partial(run, job) for job in jobs])
    for job, point in zip(jobs, points, strict=True):
        ours[job[0]].append(point)
    return [Comparison(library, *design, ours[design], theirs[design]) for design in theirs]


def against_operators(data_gated: Comparison, technology: Technology) -> str:
    """Return a line on `data-gated` and the same MAC written with operators, as a user's RTL."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "core.v"
        file.write_text(to_verilog(OperatorMac(make_spec("data-gated")), "core"))
        unit = {f"{FOREIGN}core": specification(Given(files=[file], top="core"))}
    records = measure(jobs_for(unit, ["core"], list(Recipe), technology), technology)
    best = min(records, key=product)
    least = area(best) * period(best)
    return (
        f"data-gated against acc + a * b, best of {len(records)}: area x period "
        f"{data_gated.best.cost / least:.3f} of {area(best):.0f} um2 x {period(best):.3f} ns "
        f"({best['recipe']} {best['adders']})"
    )


def show(console: Console, comparisons: Sequence[Comparison]) -> None:
    """Print a library's table: area and period of the best netlists, and the ratios."""
    table = Table(title=comparisons[0].library)
    table.add_column("design", no_wrap=True)
    table.add_column("recipe")
    for heading in ("um2", "ns", "their um2", "ns", "area x ns", "area"):
        table.add_column(heading, justify="right")
    for one in comparisons:
        ours, theirs = one.best, one.best_theirs
        table.add_row(
            f"{one.unit} {one.parameters}",
            ours.recipe + ", cells" * ours.adder_cells,
            f"{ours.area_um2:.0f}",
            f"{ours.period_ns:.3f}",
            f"{theirs.area_um2:.0f}",
            f"{theirs.period_ns:.3f}",
            f"{one.ratio:.3f}",
            f"{one.area_ratio:.3f}",
        )
    means = [geometric_mean(getattr(one, key) for one in comparisons) for key in RATIOS]
    table.add_section()
    table.add_row("geometric mean", *[""] * 5, *(f"{mean:.3f}" for mean in means))
    console.print(table)


CHECKOUT = Path(__file__).parents[2]


def checked(one: Comparison, technology: Technology) -> Verdict:
    """Make the netlist of the best area x period again, and try it."""
    design, best = (one.unit, one.parameters), one.best
    spec = spec_of(design, best.adder)
    with TemporaryDirectory() as folder:
        netlist = synthesised(
            rtl(design, best.adder), Recipe(best.recipe), best.adder_cells, technology, folder
        )
        if netlist.area_um2 != best.area_um2:
            raise RuntimeError(f"{design} gave {netlist.area_um2} um2, then {best.area_um2} um2")
        return check(one.unit, spec, netlist, technology, Path(folder))


def show_checks(
    console: Console, comparisons: Sequence[Comparison], technology: Technology
) -> bool:
    """Try the best netlist of each design, print what came out, and return whether all passed."""
    table = Table(title=f"{comparisons[0].library}: the best netlists at work")
    table.add_column("design", no_wrap=True)
    for heading in ("beats", "mismatches", "idle registers that toggle", "idle nets that toggle"):
        table.add_column(heading, justify="right")
    passed = True
    for one in comparisons:
        verdict = checked(one, technology)
        passed &= verdict.passed
        counts = (verdict.vectors, verdict.mismatches, *map(verdict.nets, CRITERIA))
        table.add_row(f"{one.unit} {one.parameters}", *map(str, counts))
    console.print(table)
    return passed


def main(
    reference: Annotated[Path, typer.Argument(help="CSV file of the reference's figures.")],
    libraries: Annotated[
        list[str], typer.Argument(help="LIBRARY=TECH: a library of the file, and its Liberty.")
    ],
    unit: Annotated[list[str] | None, typer.Option(help="Only this unit; repeatable.")] = None,
    output: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    try_best: Annotated[
        bool, typer.Option("--check", help="Run bench and toggle test on the best netlists.")
    ] = False,
) -> None:
    """Compare our cores with the reference's, library by library."""
    console = Console()
    runs = []
    passed = True
    for entry in libraries:
        library, _, where = entry.partition("=")
        designs = read_reference(reference, library)
        missing = sorted({name for name, _ in designs} - set(compared()))
        if missing:
            console.print(f"not in the catalogue yet: {', '.join(missing)}")
        technology = resolve.resolve(where, CONDITIONS)
        comparisons = compare(reference, library, technology, unit or ())
        if comparisons:
            show(console, comparisons)
            for one in comparisons:
                if one.unit == "data-gated":
                    console.print(against_operators(one, technology))
            if try_best:
                passed &= show_checks(console, comparisons, technology)
        records = [asdict(one) | {key: getattr(one, key) for key in RATIOS} for one in comparisons]
        runs.append(run_of(records, technology, commit_of(CHECKOUT)))
    if output:
        record_file.write(output, {BESIDE_PUBLISHED.name: runs})
    if not passed:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
