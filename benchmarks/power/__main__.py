"""Our energies and OpenSTA's on the same activity, by part: ``python -m benchmarks.power LIBRARY``.

Both get one netlist, one library without wires and one activity: ours as it was counted, OpenSTA's
from the SAIF file that we write, in which every pin has its own. Where OpenSTA reads either
otherwise than we do, our energy is worked out in its reading too; see `benchmarks.power.readings`.
What is left then must be small in each part.

The exit status is 1 if a part differs by more than allowed, and 2 if there is no OpenSTA that
reads SAIF.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.power.comparison import PARTS, Comparison, both_rails, compare
from benchmarks.power.opensta_power import reads_saif
from benchmarks.power.readings import Reading
from macsmith.catalog.catalog import compared, make_spec
from macsmith.contract.errors import UserError
from macsmith.jobs.energy_job import EnergyPlan
from macsmith.jobs.netlist_job import Job, jobs_for, measured
from macsmith.library.cell_library import Array
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.synthesis.yosys_abc import Recipe
from macsmith.timing import opensta

ALLOWED = 0.03
"""Greatest difference of a part."""

NEGLIGIBLE = 0.001
"""Share of the energy below which a part's difference is no matter."""

PES: tuple[dict[str, Any], ...] = (
    {"rows": 4, "cols": 4},
    {"rows": 2, "cols": 2, "a": 2, "b": 8, "c": 2, "sparsity": "dbb", "clock_gating": "cell"},
)
"""Arrays whose PE is compared: the classic one, and a tensor PE of sparse weights."""


def main(
    library: str,
    units: Annotated[list[str] | None, typer.Option("--unit")] = None,
    sta: Annotated[str | None, typer.Option(help="OpenSTA; else that on the PATH.")] = None,
    mode: Annotated[int, typer.Option(help="Index of the mode.")] = 0,
    beats: Annotated[int, typer.Option(help="Beats of random operands.")] = 2000,
) -> None:
    """Compare MACs and PEs, of gates and with full-adder cells, of least area x period."""
    try:
        program, tech = reads_saif(sta), resolve(library)
        jobs = list(_netlists(units, tech))
    except UserError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    rails, found = both_rails(tech), []
    for job in jobs:
        at = mode % len(job.spec.points)
        found.append(compare(program, job, tech, Uniform(beats=beats), at, rails))
    _print(found, f"{tech.name}, OpenSTA {opensta.version(program)}; allowed are {ALLOWED:.0%}")
    raise typer.Exit(int(max(_worst(one) for one in found) > ALLOWED))


def _netlists(units: Sequence[str] | None, tech: Technology) -> Iterator[Job]:
    specs = [(name, make_spec(name)) for name in units or [*compared(), "ebsp"]]
    if not units:
        specs += [("systolic", make_spec("systolic", parameters)) for parameters in PES]
    for name, spec in specs:
        jobs = jobs_for({name: spec}, None, list(Recipe), tech)
        for form in dict.fromkeys(job.adders for job in jobs):
            of_form = [job for job in jobs if job.adders == form]
            for k in EnergyPlan().choose(of_form, [measured(job, tech) for job in of_form]):
                yield of_form[k]


def _counts(one: Comparison) -> Array:
    """Return which parts are not negligible."""
    return one.theirs > NEGLIGIBLE * one.theirs.sum()


def _worst(one: Comparison) -> float:
    return float(np.abs(one.left[_counts(one)]).max())


def _print(found: Sequence[Comparison], title: str) -> None:
    table = Table("unit", "netlist", "pJ", *PARTS, title=f"ours against OpenSTA's: {title}")
    for one in found:
        for name, off in (("as read", one.unread), ("as OpenSTA reads", one.left)):
            cells = [
                f"{part:+.2%}" if counts else ""
                for part, counts in zip(off, _counts(one), strict=True)
            ]
            table.add_row(
                one.job.name,
                f"{one.job.recipe} {one.job.adders} {name}",
                f"{one.theirs.sum():.3f}",
                *cells,
            )
    effects = Table("reading", *PARTS, title="what each reading adds, least and most")
    for reading in Reading:
        added = np.array([np.where(_counts(one), one.effects[reading], np.nan) for one in found])
        effects.add_row(
            reading.value,
            *(
                f"{np.nanmin(part):+.2%} {np.nanmax(part):+.2%}" if np.isfinite(part).any() else ""
                for part in added.T
            ),
        )
    console = Console()
    console.print(table)
    console.print(effects)


if __name__ == "__main__":
    typer.run(main)
