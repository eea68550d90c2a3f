"""The command ``macsmith figures``: tables and pictures of the documentation."""

from collections.abc import Sequence
from pathlib import Path

from macsmith.contract.errors import UserError
from macsmith.figures.renewal import checkout, measure_anew, renew, stale, wanted
from macsmith.library.resolve import resolve_all
from macsmith.output.terminal import err


def run_figures(names: Sequence[str], techs: Sequence[str], check: bool, folder: Path) -> bool:
    """Measure what pages need if there are libraries, and renew the pages from their records.

    With ``check`` nothing is written, and the result is whether all pages are up to date.
    """
    root, chosen = checkout(folder), wanted(names)
    if check and techs:
        raise UserError(
            f"--tech must be left out with --check, which measures nothing, not {techs[0]!r}"
        )
    if check:
        found = [sentence for one in chosen for sentence in stale(one, root, _say)]
        for sentence in found:
            _say(sentence)
        return not found
    technologies = resolve_all(techs) if techs else []
    for one in chosen:
        if technologies:
            measure_anew(one, technologies, root, _say)
        renew(one, root, _say)
    return True


def _say(sentence: str) -> None:
    err.print(sentence, soft_wrap=True, markup=False, highlight=False)
