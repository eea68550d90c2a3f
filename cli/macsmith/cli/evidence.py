"""The command ``macsmith evidence``: what shows each unit to be right, made, kept, checked."""

import shlex
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from macsmith.contract.errors import UserError
from macsmith.figures.docs_page import LibraryRun
from macsmith.figures.evidence.all_kinds import KINDS, kind_of
from macsmith.figures.evidence.evidence_page import NOTHING, headings, unit_rows
from macsmith.figures.evidence.keeping import old, runs_of, take
from macsmith.figures.evidence.kind import Kind
from macsmith.figures.renewal import Wanted, checkout, renew, stale
from macsmith.output.terminal import err, out

PAGE = Wanted("evidence")

_MACSMITH = (sys.executable, "-m", "macsmith.cli")


def run_evidence(
    folder: Path,
    taken: Sequence[str],
    check: bool,
    anew: bool,
    seed: int,
    commands: Collection[str],
) -> bool:
    """Show what there is, or take, make or check records; return whether all is as it should be.

    Parameters
    ----------
    taken:
        Files to keep, each as ``KIND=FILE``.
    anew:
        Whether to run all commands that give evidence, which takes hours.
    seed:
        Of the specifications that a check draws.
    commands:
        The commands that there are.
    """
    root = checkout(folder)
    if check and (taken or anew):
        raise UserError("--check must be given alone, for it writes nothing")
    if check:
        found = [*stale(PAGE, root, _say), *old(root, seed)]
        for sentence in found:
            _say(sentence)
        return not found
    files: dict[str, list[Path]] = {}
    for name, file in map(_given, taken):
        files.setdefault(kind_of(name).name, []).append(file)
    for name, of_kind in files.items():
        take(KINDS[name], of_kind, root)
    right = all([make_anew(kind, root, commands) for kind in KINDS.values()]) if anew else True
    if taken or anew:
        renew(PAGE, root, _say)
    _show({name: runs_of(kind, root) for name, kind in KINDS.items()})
    return right


def _given(text: str) -> tuple[str, Path]:
    name, equals, file = text.partition("=")
    if not equals or not file:
        raise UserError(f"--take must be KIND=FILE, not {text!r}")
    return name, Path(file)


def make_anew(kind: Kind, root: Path, commands: Collection[str]) -> bool:
    """Run the commands of a kind and keep what they write; return whether all ended well.

    A kind with a command that is not among ``commands`` is left out.
    """
    files, right = [], True
    for number, words in enumerate(kind.commands()):
        if words[0] not in commands:
            _say(f"evidence of {kind.name} is left out: there is no command {words[0]} yet")
            return True
        file = root / "build" / "evidence" / f"{kind.name}-{number}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        _say(f"macsmith {shlex.join(words)}")
        done = subprocess.run([*_MACSMITH, *words, "--json", str(file)], cwd=root, check=False)
        right = right and not done.returncode
        if file.exists():
            files.append(file)
    if files:
        take(kind, files, root)
    return right


def _show(runs: Mapping[str, Sequence[LibraryRun]]) -> None:
    """Print the table of units."""
    table = Table(title="evidence; - is no record", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in headings():
        table.add_column(heading, no_wrap=heading == "unit")
    for row in unit_rows(runs):
        table.add_row(*("-" if cell == NOTHING else cell for cell in row))
    out.print(table)


def _say(sentence: str) -> None:
    err.print(sentence, soft_wrap=True, markup=False, highlight=False)
