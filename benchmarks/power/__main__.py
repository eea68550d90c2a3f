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
from rich.table import Table

from benchmarks.power.comparison import PARTS, STEPS, Comparison, compare
from benchmarks.power.left_out import left_out
from benchmarks.power.opensta_power import reads_saif
from macsmith.catalog.catalog import compared, lookup, make_spec
from macsmith.contract.errors import UserError
from macsmith.jobs.energy_job import energy_limit
from macsmith.jobs.netlist_job import Job, jobs_for
from macsmith.library.resolve import resolve
from macsmith.library.technology import Technology
from macsmith.operands.stimulus import Uniform
from macsmith.output.terminal import err, out
from macsmith.synthesis.yosys_abc import Recipe
from macsmith.timing import opensta

ALLOWED = 0.03
"""Greatest difference of a part."""

PES: tuple[dict[str, Any], ...] = (
    {"rows": 4, "cols": 4},
    {"rows": 2, "cols": 2, "a": 2, "b": 8, "sparsity": "dbb", "nonzeros": 2},
)
"""Arrays whose PE is compared: the classic one, and a tensor PE of sparse weights."""

_RECIPES = {False: Recipe.SPEED, True: Recipe.AREA}
"""How netlists of gates, and those with adder cells, are made."""


def main(
    library: str,
    units: Annotated[list[str] | None, typer.Option("--unit")] = None,
    boundary: Annotated[str | None, typer.Option(help="Where units are cut.")] = None,
    sta: Annotated[str | None, typer.Option(help="OpenSTA; else that on the PATH.")] = None,
    mode: Annotated[int, typer.Option(help="Index of the mode.")] = 0,
    beats: Annotated[int, typer.Option(help="Beats of random operands.")] = 2000,
) -> None:
    """Compare MACs and PEs: fast netlists of gates, and small ones with full-adder cells."""
    try:
        program, tech = reads_saif(sta), resolve(library)
        if tech.embedded:
            raise UserError(f"the comparison needs a real library, not {tech.name}")
        jobs = list(_netlists(units, boundary, tech))
    except UserError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    beside, found = left_out(tech), []
    for job in jobs:
        err.print(f"{tech.name}: {job.label}")
        at = mode % len(job.spec.points)
        found.append(compare(program, job, tech, beside, Uniform(beats=beats), at))
    _print(found, f"{tech.name}, OpenSTA {opensta.version(program)}; allowed are {ALLOWED:.0%}")
    raise typer.Exit(int(max(_worst(one) for one in found) > ALLOWED))


def _netlists(units: Sequence[str] | None, boundary: str | None, tech: Technology) -> Iterator[Job]:
    """Yield netlists at a boundary, or where a unit has energies by default."""
    specs = [(name, make_spec(name)) for name in units or [*compared(), "ebsp"]]
    if not units and boundary is None:
        specs += [("systolic", make_spec("systolic", parameters)) for parameters in PES]
    for name, spec in specs:
        cuts = [boundary] if boundary else lookup(name).measured
        able = [one for one in cuts if energy_limit(name, spec, one) is None]
        for job in jobs_for({name: spec}, able[:1], list(Recipe), tech):
            if job.recipe is _RECIPES[job.adder_cells]:
                yield job


def _worst(one: Comparison) -> float:
    return float(np.nanmax(np.abs(one.off[-1])))


def _print(found: Sequence[Comparison], title: str) -> None:
    table = Table(
        "unit", "netlist", "pJ", *PARTS, title=f"{title}: ours at first, and what is left"
    )
    for one in found:
        each = zip(one.off[0], one.off[-1], strict=True)
        parts = [f"{first:+.1%} {left:+.2%}" if np.isfinite(left) else "" for first, left in each]
        netlist = f"{one.job.boundary} {one.job.recipe} {one.job.adders}"
        table.add_row(one.job.name, netlist, f"{one.theirs.sum():.3f}", *parts)
    effects = Table("step", *PARTS, title="what each step adds, least and most")
    for step in STEPS:
        added = np.array([one.effects[step] for one in found])
        ranges = zip(np.fmin.reduce(added), np.fmax.reduce(added), strict=True)  # none of none
        effects.add_row(step, *(_range(least, most) for least, most in ranges))
    out.print(table)
    out.print(effects)


def _range(least: float, most: float) -> str:
    """Return two numbers in percent; nothing where both are none, to the digits that are shown."""
    return f"{least:+.1%} {most:+.1%}" if max(abs(least), abs(most)) >= 0.0005 else ""


if __name__ == "__main__":
    typer.run(main)
