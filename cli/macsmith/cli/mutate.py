"""The command ``macsmith mutate``: draw, check, prove, print what the checks are worth."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.table import Table

from macsmith.cli.outputs import write_json
from macsmith.cli.progress import show_progress
from macsmith.contract.errors import UserError
from macsmith.mutation.campaign import Case, campaign
from macsmith.mutation.regions import CONTROL, DATAPATH
from macsmith.mutation.score import FATES, Score
from macsmith.mutation.trials import SIMULATOR
from macsmith.output.terminal import out
from macsmith.report.terminal.units import LOOK
from macsmith.rtlsim.cocotb_runner import check_simulator
from macsmith.verify.verify import verification


def check_mutation(names: Iterable[str], at_least: float | None) -> None:
    """Raise a sentence if the checks of a unit cannot run here, or if a share is none."""
    if at_least is not None and not 0 <= at_least <= 1:
        raise UserError(f"at-least must be from 0 to 1, not {at_least}")
    check_simulator(SIMULATOR)
    for name in names:
        verification(name).check_tools()


def run_mutations(
    cases: Sequence[Case], count: int, seed: int, folder: Path, json_file: Path | None
) -> list[Score]:
    """Mutate units, one after the other; print the score and the survivors of each.

    The file has the records of those that are done, after each.
    """
    scores: list[Score] = []
    for case in cases:
        scores.append(
            _mutated(case, count, seed, folder / "-".join(re.findall(r"\w+", case.title)))
        )
        write_json(json_file, [score.to_json() for score in scores])
    return scores


def _mutated(case: Case, count: int, seed: int, folder: Path) -> Score:
    with show_progress("mutating", count) as step:
        score = campaign(
            case, count, seed, folder,
            lambda mutant, fate: step(f"{case.title} mutant {mutant.number} {fate}"),
        )  # fmt: skip
    out.print(summary(case.title, score))
    for one in score.survivors():
        out.print(
            f"{one.fate}: {one.mutant.description}: {one.reason}",
            soft_wrap=True, markup=False, highlight=False,
        )  # fmt: skip
    return score


def summary(title: str, score: Score) -> Table:
    """Return a table of what became of the mutants, by region."""
    table = Table(title=f"mutants of {title}", **LOOK)
    for heading in ("region", "drawn", *FATES, "score"):
        table.add_column(heading, justify="left" if heading == "region" else "right", no_wrap=True)
    for region in (CONTROL, DATAPATH, None):
        counts, share = score.counts(region), score.share(region)
        shown = "" if share is None else f"{100 * share:.1f} %"
        cells = (sum(counts.values()), *counts.values())
        table.add_row(region or "all", *(f"{cell:,}" for cell in cells), shown)
    return table
